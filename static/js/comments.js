// What is said beside a case: @mentions, quoting into the explanation, and the days that are often chosen. All of it
// listens on the document: the case in the page may be another one by now.
import { announce } from "./announce.js";

const { gettext, ngettext, interpolate } = window;
const MENTIONING = /(?<![\w@.+-])@([\w.@+-]*)$/u; // the name that is being typed before the caret
const MOST = 6;
const known = new Map(); // address of a case's colleagues -> the promise of them

function colleagues(address) {
  if (!known.has(address)) {
    const asked = fetch(address, { redirect: "manual" }).then((answer) => (answer.ok ? answer.json() : { people: [] }));
    known.set(address, asked.then(({ people }) => people).catch(() => known.delete(address) && []));
  }
  return known.get(address);
}

class Mentions {
  constructor(box) {
    this.box = box;
    this.list = document.getElementById(box.getAttribute("aria-controls") ?? "mention-list");
    box.setAttribute("aria-controls", this.list.id);
  }

  typed() {
    return MENTIONING.exec(this.box.value.slice(0, this.box.selectionStart))?.[1];
  }

  async look() {
    const start = this.typed();
    if (start === undefined) return this.close();
    const people = await colleagues(this.box.dataset.mention);
    if (this.typed() !== start || document.activeElement !== this.box) return;
    const wanted = start.toLowerCase();
    const fits = ({ username, name }) =>
      username.toLowerCase().startsWith(wanted) || name.toLowerCase().split(/\s+/).some((word) => word.startsWith(wanted));
    this.show(people.filter(fits).slice(0, MOST));
  }

  show(people) {
    if (!people.length) return this.close();
    this.list.replaceChildren(...people.map((person, index) => this.option(person, index)));
    const words = ngettext("%(count)s colleague. Arrow keys choose, Enter takes.", "%(count)s colleagues. Arrow keys choose, Enter takes.", people.length);
    if (this.list.hidden) announce(interpolate(words, { count: people.length }, true));
    this.list.hidden = false;
    this.choose(0);
  }

  option({ username, name }, index) {
    const item = document.createElement("li");
    item.id = `mention-${index}`;
    item.setAttribute("role", "option");
    item.dataset.username = username;
    const tag = document.createElement("span");
    tag.className = "faint";
    tag.textContent = `@${username}`;
    item.append(name, " ", tag);
    return item;
  }

  choose(index) {
    const options = [...this.list.children];
    this.at = (index + options.length) % options.length;
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === this.at)));
    this.box.setAttribute("aria-activedescendant", options[this.at].id);
  }

  take(option) {
    const { selectionStart: caret, value } = this.box;
    const before = value.slice(0, caret).replace(MENTIONING, `@${option.dataset.username} `);
    this.box.value = before + value.slice(caret);
    this.box.setSelectionRange(before.length, before.length);
    this.close();
    this.box.focus();
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.box.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden) return;
    const acts = {
      ArrowDown: () => this.choose(this.at + 1),
      ArrowUp: () => this.choose(this.at - 1),
      Enter: () => this.take(this.list.children[this.at]),
      Tab: () => this.take(this.list.children[this.at]),
      Escape: () => this.close(),
    };
    if (!acts[event.key] || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }
}

const mentions = new WeakMap();

function mentioning(target) {
  const box = target.closest?.("[data-mention]");
  if (!box) return null;
  if (!mentions.has(box)) mentions.set(box, new Mentions(box));
  return mentions.get(box);
}

// A comment becomes part of the record only as a quotation, under its author's name.
function quote(comment) {
  const explanation = document.getElementById("explanation");
  const part = (name) => comment.querySelector(`[data-comment-${name}]`).textContent.trim();
  const words = interpolate(gettext("%(who)s: “%(text)s”"), { who: part("who"), text: part("text") }, true);
  const together = [explanation.value.trimEnd(), words].filter(Boolean).join("\n");
  if (together.length > explanation.maxLength) return announce(gettext("The explanation has no room for that."));
  explanation.value = together;
  explanation.dispatchEvent(new Event("input", { bubbles: true }));
  announce(gettext("Quoted in the explanation."));
}

document.addEventListener("input", ({ target }) => mentioning(target)?.look());
document.addEventListener("keydown", (event) => mentioning(event.target)?.key(event), { capture: true });
document.addEventListener("focusout", ({ target }) => mentioning(target)?.close());
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("[data-mention-list] [role=option]");
  if (!option) return;
  event.preventDefault(); // the text keeps its focus
  mentioning(option.closest("form").querySelector("[data-mention]")).take(option);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-quote], [data-day]");
  if (button?.matches("[data-quote]")) quote(button.closest("[data-comment]"));
  else if (button) button.form.elements.until.value = button.dataset.day;
});

// Ctrl Enter sends the form that it is pressed in, and not the verdict: so it is heard before the page's own keys.
function sendByKey(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  const form = event.target.closest?.("[data-comment-form], [data-aside]");
  if (!form) return;
  event.preventDefault();
  if (!event.repeat) form.requestSubmit();
}

// Escape leaves a text, for the field that was chosen last: the keys of one sign work again.
function leaveByKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (!event.target.matches?.("[data-comment-form] textarea, [data-aside] textarea")) return;
  event.preventDefault();
  (document.querySelector("[data-field].chosen") ?? document.getElementById("main")).focus();
}

document.addEventListener("keydown", sendByKey, { capture: true });
document.addEventListener("keydown", leaveByKey);
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "comments" || detail.elt?.id === "comments") document.getElementById("comment-text")?.focus();
});
