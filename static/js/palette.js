// The command palette: every act of the page as it is, every place to go to, and a case by its reference.
import { find, ownKeyed, use } from "./acts.js";
import { composing, keymap, meant } from "./keys.js";

const SHOWN = 60;
const PATIENCE = 3_000; // milliseconds for the places to arrive
const UNLISTED = /^palette$|^reason_|_typing$/; // itself; what has better words; what only a key can mean

// How far the words are from what is sought, 0 at best; Infinity where they don't hold its letters in their order.
export function distance(sought, words) {
  const [wanted, text] = [plain(sought), plain(words)];
  const at = text.indexOf(wanted);
  if (at >= 0) return at === 0 ? 0 : text[at - 1] === " " ? 0.5 : 1;
  let place = -1;
  let far = 2;
  for (const sign of wanted.replaceAll(" ", "")) {
    const next = text.indexOf(sign, place + 1);
    if (next < 0) return Infinity;
    if (next > place + 1) far += text[next - 1] === " " ? 0.5 : 2;
    place = next;
  }
  return far <= 2 + wanted.length ? far : Infinity;
}

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

export class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("[role=listbox]");
    this.said = dialog.querySelector("[data-palette-said]");
    this.places = [];
    this.input.addEventListener("input", () => this.#show());
    dialog.addEventListener("keydown", (event) => this.#pressed(event));
    this.list.addEventListener("click", (event) => this.#chosen(event.target.closest("[role=option]")));
    this.list.addEventListener("pointermove", (event) => this.#mark(event.target.closest("[role=option]")));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the line keeps the caret
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  open() {
    this.input.value = "";
    this.acts = actsOfThePage();
    this.choices = choicesOfTheMenu();
    this.dialog.showModal();
    this.#show();
    this.arriving = this.#fetchPlaces();
  }

  async #fetchPlaces() {
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(this.dialog.dataset.palette, { redirect: "error", signal });
      const { places, queues } = await answer.json();
      this.places = [
        ...queues.map(({ slug, name }) => this.#start(slug, name)),
        ...places.map(({ label, href }) => entry(gettext("Go to"), label, () => location.assign(href))),
      ];
    } catch {
      return; // away from the server, the acts of the page are all there is
    }
    this.#show();
  }

  #start(slug, name) {
    const words = interpolate(gettext("Start with %s"), [name]);
    return entry(gettext("Queue"), words, () => send(this.dialog.dataset.start, { queue: slug }));
  }

  #caseOf(reference) {
    const words = interpolate(gettext("Find the case “%s”"), [reference]);
    const address = `${this.dialog.dataset.cases}?${new URLSearchParams({ reference })}`;
    return entry(gettext("Cases"), words, () => location.assign(address));
  }

  #found() {
    const sought = this.input.value.trim();
    const all = [...this.acts, ...this.places, ...this.choices];
    if (!sought) return all;
    const near = all
      .map((each) => ({ each, far: Math.min(distance(sought, each.label), distance(sought, each.group) + 1) }))
      .filter(({ far }) => far < Infinity)
      .sort((one, other) => one.far - other.far);
    return [...near.map(({ each }) => each), this.#caseOf(sought)];
  }

  #show() {
    this.found = this.#found().slice(0, SHOWN);
    this.list.replaceChildren(...this.found.map((each, number) => optionOf(each, number)));
    this.said.textContent = this.found.length ? "" : gettext("Nothing is called that.");
    this.list.scrollTop = 0;
    this.#mark(this.list.firstElementChild);
  }

  #mark(option) {
    if (!option || option === this.marked) return;
    this.marked?.setAttribute("aria-selected", "false");
    this.marked = option;
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  #move(by) {
    const options = [...this.list.children];
    const next = options.at((options.indexOf(this.marked) + by) % options.length);
    this.#mark(next);
    next?.scrollIntoView({ block: "nearest" });
  }

  #pressed(event) {
    if (composing(event)) return;
    const acts = { ArrowDown: () => this.#move(1), ArrowUp: () => this.#move(-1), Enter: () => this.#entered() };
    const again = meant(event).includes(keymap.find(({ name }) => name === "palette")?.key);
    const act = again ? () => this.dialog.close() : acts[event.key];
    if (!act || (event.repeat && event.key === "Enter")) return;
    event.preventDefault();
    act();
  }

  // Who types faster than the places arrive means the place all the same, and not a case of that name.
  async #entered() {
    await this.arriving;
    if (this.dialog.open) this.#chosen(this.marked);
  }

  // The dialog gives the focus back first: an act works on what was chosen before.
  #chosen(option) {
    const chosen = option?.isConnected && this.found[Number(option.dataset.number)];
    if (!chosen) return;
    this.dialog.close();
    chosen.run();
  }
}

const entry = (group, label, run, sign = "") => ({ group, label, run, sign });

function actsOfThePage() {
  const named = keymap
    .filter(({ name, asks }) => !asks && !UNLISTED.test(name) && find(name))
    .map(({ name, label, group, shown }) => entry(group, label, find(name), shown));
  return [...verdicts(), ...named];
}

// A verdict by its name, and the reasons of the one that is chosen by their words.
function verdicts() {
  const keyed = ownKeyed().map((control) =>
    entry(gettext("Verdict"), control.dataset.label, () => use(control), control.dataset.key.toUpperCase()),
  );
  const reasons = [...document.querySelectorAll("[data-digit]")].filter((box) => box.checkVisibility());
  return [
    ...keyed,
    ...reasons.map((box) => {
      const [words, key] = box.parentElement.querySelectorAll("span, kbd");
      return entry(gettext("Reason"), words.textContent, () => use(box), key?.textContent);
    }),
  ];
}

function choicesOfTheMenu() {
  return [...document.querySelectorAll("[data-choices] button")].map((button) => {
    const what = document.getElementById(button.parentElement.getAttribute("aria-labelledby")).textContent;
    return entry(what, `${what}: ${button.textContent.trim()}`, () => button.click());
  });
}

function optionOf({ group, label, sign }, number) {
  const option = document.createElement("li");
  option.id = `palette-${number}`;
  option.dataset.number = number;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.append(part("span", label, "palette-label"), part("span", group, "palette-group"));
  if (sign && !document.documentElement.classList.contains("keys-off")) option.append(part("kbd", sign, ""));
  return option;
}

function part(name, words, css) {
  const made = document.createElement(name);
  made.textContent = words;
  made.className = css;
  return made;
}

function send(address, values) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ ...values, csrfmiddlewaretoken: token })) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

// Opened by its button, which is also what its key presses.
export function wirePalette(dialog) {
  const palette = new Palette(dialog);
  document.querySelector("[data-act=palette]").addEventListener("click", () => palette.open());
}
