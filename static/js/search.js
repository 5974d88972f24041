// Searching the words of the papers: what is found is marked on its pages, and looked at one after the other. What is
// searched for is posted, so that it stands in no address and in no log.
import { offer } from "./acts.js";
import { announce } from "./announce.js";
import { showSignedOut } from "./connection.js";
import { drawn } from "./marks.js";

const PAUSE = 250; // milliseconds after the last letter
const FEWEST = 2; // letters from which it searches by itself

export class Search {
  constructor(viewer, signal) {
    this.viewer = viewer;
    this.signal = signal;
    this.form = viewer.root.querySelector("[data-search]");
    if (!this.form) return; // the papers are masked
    this.opener = viewer.root.querySelector("[data-search-open]");
    this.input = this.form.elements.q;
    this.count = this.form.querySelector("[data-found-count]");
    this.asked = "";
    this.#forget();
    this.#wire();
    offer({ search: () => this.open() }, signal);
  }

  open() {
    if (this.form.hidden) this.from = document.activeElement;
    this.#show(true);
    this.input.focus();
    this.input.select();
  }

  close() {
    this.#show(false);
    this.#forget();
    this.asked = "";
    const back = this.from?.isConnected && this.from !== document.body ? this.from : this.viewer.pages;
    back.focus({ preventScroll: true });
  }

  #show(open) {
    this.form.hidden = !open;
    this.opener.ariaExpanded = String(open);
  }

  #wire() {
    this.opener.addEventListener("click", () => (this.form.hidden ? this.open() : this.close()));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go(1);
    });
    this.form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-found]");
      if (button) this.#go(Number(button.dataset.found));
      if (event.target.closest("[data-search-close]")) this.close();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && event.shiftKey && event.target === this.input) this.#go(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.input.addEventListener("input", () => this.#askSoon());
    this.signal.addEventListener("abort", () => {
      clearTimeout(this.timer);
      this.asking?.abort();
    });
  }

  #askSoon() {
    clearTimeout(this.timer);
    const words = this.input.value.trim();
    if (words.length >= FEWEST) this.timer = setTimeout(() => this.#ask(), PAUSE);
    else if (!words) this.#forget();
  }

  // On to the next match, or back; words that were not searched for yet are searched first.
  async #go(direction) {
    clearTimeout(this.timer);
    if (this.input.value.trim() !== this.asked) return this.#ask();
    if (!this.matches.length) return this.#tell();
    this.#look((this.at + direction + this.matches.length) % this.matches.length);
  }

  async #ask() {
    const words = this.input.value.trim();
    this.asking?.abort();
    this.asking = new AbortController();
    if (!words) return this.#forget();
    const headers = { "HX-Request": "true" }; // a session that has ended is said, and leads nowhere
    const body = new FormData(this.form);
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers, signal: this.asking.signal });
      if (answer.status === 401) return showSignedOut();
      if (!answer.ok) throw new Error(answer.status);
      this.asked = words;
      this.#found(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.#say(gettext("The search did not work. Try again."));
    }
  }

  #found({ matches, wordless }) {
    this.#forget();
    this.wordless = wordless;
    this.matches = matches.map(({ page, boxes }) => {
      const paper = document.getElementById(`page-${page}`)?.querySelector("[data-paper]");
      return { page, rects: boxes.map((box) => drawn(paper, box, "found")) };
    });
    if (this.matches.length) this.#look(this.#firstInView());
    else this.#tell();
  }

  // The first match from the page that is looked at.
  #firstInView() {
    const here = Number(this.viewer.current()?.id.replace("page-", ""));
    return Math.max(0, this.matches.findIndex((match) => match.page >= here));
  }

  #look(index) {
    this.matches[this.at]?.rects.forEach((rect) => rect.classList.remove("found-here"));
    this.at = index;
    const { rects } = this.matches[index];
    rects.forEach((rect) => rect.classList.add("found-here"));
    this.viewer.lookAt(rects[0], { closer: false });
    this.#tell();
  }

  #tell() {
    const none = this.wordless
      ? interpolate(ngettext("Nothing found; %s page has no words to search", "Nothing found; %s pages have no words to search", this.wordless), [this.wordless])
      : gettext("Nothing found");
    if (!this.matches.length) return this.#say(none);
    const places = interpolate(gettext("%s of %s"), [this.at + 1, this.matches.length]);
    this.count.value = places;
    announce(interpolate(gettext("Match %s, on page %s"), [places, this.matches[this.at].page]));
  }

  #say(words) {
    this.count.value = words;
    announce(words);
  }

  #forget() {
    this.viewer.root.querySelectorAll(".found").forEach((rect) => rect.remove());
    this.matches = [];
    this.wordless = 0;
    this.at = -1;
    this.count.value = "";
  }
}
