// The next case, fetched while the reviewer works on this one: its page, and the images that it begins with.
// It is kept in this page's memory alone, as elements that stand nowhere yet, and goes with the page.
import { firstImages, parsed } from "./parts.js";

const REST_SECONDS = 30; // between two questions whether what is there is still right
const STATE = "Case-State";

export class Ahead {
  constructor(bench, signal) {
    this.bench = bench;
    this.signal = signal;
    this.parts = null;
    this.state = "";
    const plan = () => this.#plan(0);
    if (document.readyState === "complete") plan();
    else addEventListener("load", plan, { once: true, signal });
  }

  #plan(seconds) {
    const idle = window.requestIdleCallback ?? setTimeout;
    const timer = setTimeout(() => idle(() => this.#ask()), seconds * 1000);
    this.signal.addEventListener("abort", () => clearTimeout(timer));
  }

  async #ask() {
    if (this.signal.aborted) return;
    try {
      if (!document.hidden) await this.#fetch();
    } catch {
      // Whatever stands in the way: the next case comes in full then.
    }
    this.#plan(REST_SECONDS);
  }

  async #fetch() {
    const body = new URLSearchParams({ known: this.state });
    const headers = { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value, "In-Place": "ahead" };
    const options = { method: "POST", body, headers, redirect: "manual", priority: "low", signal: this.signal };
    const answer = await fetch(this.bench.dataset.ahead, options);
    const state = answer.headers.get(STATE) ?? "";
    if (state && state === this.state) return;
    this.parts = null;
    this.state = "";
    delete this.bench.dataset.fetched;
    if (answer.status !== 200) return;
    const parts = parsed(await answer.text());
    this.signal.throwIfAborted();
    this.parts = parts;
    this.state = state;
    for (const image of firstImages(parts.main)) await arrived(image);
    this.bench.dataset.fetched = "";
  }
}

// One image after the other, behind whatever the reviewer's own page asks for.
async function arrived(image) {
  image.fetchPriority = "low";
  image.loading = "eager";
  await image.decode().catch(() => {}); // one that does not come says so in its place
}
