// What a rule can name, offered under its box while one types: arrows choose, Enter or Tab takes, Escape closes.
import { announce } from "../announce.js";

const SHOWN = 40;
const WORD = /(?:\.?[A-Za-z_][\w.]*|'[^']*|\.)$/; // what is being written just before the caret

export class Suggestions {
  constructor(list, words) {
    this.list = list;
    this.words = words;
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the caret
    list.addEventListener("click", (event) => this.#take(event.target.closest("[role=option]")));
  }

  // A box becomes one with suggestions.
  serve(box) {
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-haspopup", "listbox");
    box.setAttribute("aria-controls", this.list.id);
    box.addEventListener("input", () => this.#offer(box));
    box.addEventListener("keydown", (event) => this.#pressed(event, box));
    box.addEventListener("blur", () => this.close());
  }

  get open() {
    return !this.list.hidden;
  }

  close() {
    this.list.hidden = true;
    this.box?.removeAttribute("aria-activedescendant");
  }

  #offer(box, all = false) {
    this.box = box;
    const before = box.value.slice(0, box.selectionStart);
    this.begun = begunIn(before);
    const found = this.begun || all ? matching(this.words, this.begun) : [];
    this.list.replaceChildren(...found.map(option));
    this.list.hidden = !found.length;
    if (!found.length) return this.close();
    this.#beside(box);
    this.#mark(null);
    tell(found.length);
  }

  #beside(box) {
    const place = box.getBoundingClientRect();
    const around = this.list.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    this.list.style.left = `${Math.max(0, Math.min(place.left, innerWidth - this.list.offsetWidth - 16) - around.left)}px`;
    const above = place.bottom + this.list.offsetHeight > innerHeight && place.top > this.list.offsetHeight;
    this.list.style.top = `${(above ? place.top - this.list.offsetHeight - 2 : place.bottom + 2) - around.top}px`;
  }

  #pressed(event, box) {
    if (event.ctrlKey && event.key === " ") {
      event.preventDefault();
      return this.#offer(box, true);
    }
    if (!this.open || this.box !== box || event.isComposing) return undefined;
    const options = [...this.list.children];
    const at = options.indexOf(this.chosen);
    if (event.key === "ArrowDown") this.#mark(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") this.#mark(options.at(at < 1 ? -1 : at - 1));
    else if (event.key === "Escape") this.close();
    else if ((event.key === "Enter" || event.key === "Tab") && this.chosen) this.#take(this.chosen);
    else return undefined;
    event.preventDefault();
    return event.stopPropagation();
  }

  #mark(option) {
    this.chosen?.setAttribute("aria-selected", "false");
    this.chosen = option;
    if (!option) return this.box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return this.box.setAttribute("aria-activedescendant", option.id);
  }

  // Puts the word in place of what was begun; between brackets or quotes that it brings the caret goes on.
  #take(option) {
    if (!option) return;
    const [box, text] = [this.box, option.dataset.text];
    const end = box.selectionStart;
    const start = end - taken(this.begun, text);
    const after = text.startsWith("'") && box.value[end] === "'" ? end + 1 : end;
    box.setRangeText(text, start, after, "end");
    const inside = text.endsWith("('')") ? 2 : text.endsWith(")") ? 1 : 0;
    box.setSelectionRange(box.selectionEnd - inside, box.selectionEnd - inside);
    this.close();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
  }
}

// What is being written: behind a closing quotation mark nothing is.
function begunIn(before) {
  const word = before.match(WORD)?.[0] ?? "";
  return word.startsWith("'") && before.split("'").length % 2 ? "" : word;
}

// How much of what was begun the word stands for: a method only what follows the last point.
function taken(begun, text) {
  return text.startsWith(".") ? begun.length - Math.max(begun.lastIndexOf("."), 0) : begun.length;
}

// The words that go on from what was begun, before those that have it somewhere.
export function matching(words, begun) {
  const sought = begun.toLowerCase();
  const method = sought.slice(Math.max(sought.lastIndexOf("."), 0));
  const near = [];
  const far = [];
  for (const word of words) {
    const text = word.text.toLowerCase();
    if (text === sought) continue;
    if (text.startsWith(sought) || (method.startsWith(".") && text.startsWith(method) && text.startsWith("."))) near.push(word);
    else if (sought.length > 1 && (text.includes(sought) || word.about.toLowerCase().includes(sought))) far.push(word);
  }
  return [...near, ...far].slice(0, SHOWN);
}

function option({ text, about }, place) {
  const item = document.createElement("li");
  item.id = `suggestion-${place}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.text = text;
  item.append(Object.assign(document.createElement("code"), { textContent: text }), Object.assign(document.createElement("span"), { textContent: about }));
  return item;
}

function tell(count) {
  announce(interpolate(ngettext("%s suggestion, arrow keys to choose", "%s suggestions, arrow keys to choose", count), [count]));
}
