// The next case takes the place of the one that was judged, without a page load.
import { Ahead } from "./ahead.js";
import { announce } from "./announce.js";
import { showConnection, showUnsaved, signIn } from "./connection.js";
import { dropSent } from "./kept.js";
import { firstImages, parsed, putInPlace } from "./parts.js";
import { letPass } from "./passing.js";
import { moveTo } from "./place.js";

const PATIENCE = 30_000; // milliseconds for the server's answer to a verdict

export class Next {
  // `start(root, signal)` wires a case and returns its parts.
  constructor(main, start) {
    this.main = main;
    this.start = start;
    this.#begin();
  }

  // What was typed before a reload is saved, once the page listens.
  saveRestored() {
    this.parts.kept.saveRestored();
  }

  #begin() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.parts = this.start(this.main, signal);
    this.late = false;
    document.addEventListener("claim-lost", () => (this.late = true), { signal });
    const bench = this.main.querySelector("[data-workbench]");
    this.ahead = new Ahead(bench, signal);
    const form = this.main.querySelector("[data-outcome]");
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return; // asked about first
      event.preventDefault();
      this.#send(form, new FormData(form, event.submitter));
    });
  }

  async #send(form, body) {
    await this.#fieldsSaved();
    if (this.#refused()) return;
    if (this.ahead.parts) body.set("ahead", this.ahead.state);
    let answer;
    try {
      const options = { method: "POST", body, headers: { "In-Place": "verdict" }, redirect: "manual" };
      answer = await fetch(form.action, { ...options, signal: AbortSignal.timeout(PATIENCE) });
      await this.#answered(answer);
    } catch (error) {
      if (answer) throw error;
      showConnection(false);
      this.#stay();
    }
  }

  // A value that is being saved goes first: the verdict would be taken without it, and it would come too late.
  #fieldsSaved() {
    return new Promise((done) => {
      const look = () => {
        if (this.main.querySelector("[data-field-form].htmx-request")) return;
        document.removeEventListener("htmx:afterRequest", look);
        done();
      };
      document.addEventListener("htmx:afterRequest", look);
      setTimeout(done, PATIENCE);
      look();
    });
  }

  // A value that was not taken is mended first: the verdict would be taken without it.
  #refused() {
    const control = this.main.querySelector("[data-field-form] [aria-invalid=true]");
    if (!control || this.late) return false; // what comes too late is sent all the same: the server keeps it
    this.#stay();
    control.focus();
    const row = control.closest("[data-field]");
    announce(`${row.dataset.label}: ${row.querySelector(".field-error").textContent}`);
    return true;
  }

  async #answered(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401) return signIn();
    if (answer.status >= 500 || answer.status === 403) {
      showUnsaved();
      return this.#stay();
    }
    if (answer.headers.get("Content-Type").startsWith("application/json")) return this.#told(await answer.json());
    await this.#show(parsed(await answer.text()), answer.headers.get("Content-Location"));
  }

  // Nothing was taken: the form is as it was, and can be sent again.
  #stay() {
    this.parts.outcome.reopen();
    this.parts.kept.unsent();
    this.parts.lease.resume();
  }

  async #told(facts) {
    if (facts.go) return location.assign(facts.go);
    if (facts.unsigned) {
      this.#stay();
      return this.parts.outcome.unsigned(facts.unsigned);
    }
    const { parts } = this.ahead;
    for (const input of parts.main.querySelectorAll("[name=fence]")) input.value = facts.fence;
    for (const each of parts.main.querySelectorAll("[data-fence]")) each.dataset.fence = facts.fence;
    parts.main.querySelector("[data-lease]").dataset.seconds = facts.seconds;
    parts.main.querySelector("[data-due]").outerHTML = facts.due;
    const messages = document.createRange().createContextualFragment(facts.messages).firstElementChild;
    await this.#show({ ...parts, messages }, facts.address);
  }

  // `address` only where the page is that of another case.
  async #show(parts, address) {
    this.controller.abort();
    for (const image of firstImages(parts.main)) image.loading = "eager";
    await putInPlace(parts);
    if (address) moveTo(address);
    htmx.process(this.main);
    letPass();
    const bench = this.main.querySelector("[data-workbench]");
    if (!bench) return dropSent();
    this.#begin();
    this.saveRestored();
    this.main.focus({ preventScroll: true });
    const why = this.main.querySelector(".why-lead")?.textContent ?? "";
    if (address) announce(`${bench.dataset.announcement} ${why}`);
  }
}
