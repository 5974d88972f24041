// The claim's time: shown as it runs out, renewed while somebody works, and said aloud before it ends.
import { announce } from "./announce.js";
import { showConnection, showSignedOut } from "./connection.js";

const BEAT_SECONDS = 45;
const HURRY_SECONDS = 3;
const WARN_SECONDS = 120;

export class Lease {
  constructor(root, signal) {
    this.root = root;
    this.words = root.querySelector("[data-lease-words]");
    this.bar = root.querySelector("[data-lease-bar]");
    this.active = true;
    this.beaten = performance.now();
    this.#left(Number(root.dataset.seconds));
    for (const sign of ["pointerdown", "keydown", "wheel", "pointermove"]) {
      addEventListener(sign, () => (this.active = true), { passive: true, signal });
    }
    signal.addEventListener("abort", () => this.rest());
    this.resume();
  }

  #left(seconds) {
    this.endsAt = performance.now() + seconds * 1000;
    this.warned = false;
  }

  #tick() {
    const left = Math.max(0, Math.round((this.endsAt - performance.now()) / 1000));
    const short = left <= WARN_SECONDS;
    this.bar.value = left;
    this.root.classList.toggle("lease-short", short);
    this.words.textContent = left ? interpolate(gettext("%s left"), [minutes(left)]) : gettext("Given back");
    if (short && !this.warned) {
      this.warned = true;
      const words = gettext("The case goes back to its queue in %s unless you go on. Your draft is kept.");
      announce(interpolate(words, [span(left)]));
    }
    if (!left) this.end();
    else if (this.active && performance.now() - this.beaten > this.#pause(left) * 1000) this.#beat();
  }

  // Seconds between two beats: fewer when little is left, so that one who comes back in time keeps the case.
  #pause(left) {
    return left <= BEAT_SECONDS * 2 ? HURRY_SECONDS : BEAT_SECONDS;
  }

  async #beat() {
    this.active = false;
    this.beaten = performance.now();
    const body = new URLSearchParams({ fence: this.root.dataset.fence });
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const answer = await fetch(this.root.dataset.heartbeat, { method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "manual" });
      if (answer.type === "opaqueredirect") showSignedOut();
      else if (answer.ok) this.#left(Number((await answer.json()).seconds_left));
      else if (answer.status === 409) this.end((await answer.json()).changed);
      if (answer.ok) showConnection(true);
    } catch {
      this.active = true;
      showConnection(false);
    }
  }

  // The verdict is on its way: the claim ends with it, and that is no loss.
  rest() {
    this.ended = true;
    clearInterval(this.timer);
  }

  // The clock runs, from the beginning or after a verdict that did not arrive.
  resume() {
    this.ended = false;
    this.timer = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  // The claim is gone; `words` say how, where the server has told.
  end(words) {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    this.words.textContent = gettext("Given back");
    this.bar.value = 0;
    const dialog = document.getElementById("given-back");
    if (words) dialog.querySelector("[data-lost-words]").textContent = words;
    announce(dialog.textContent);
    if (!dialog.open) dialog.showModal();
  }
}

// The time left as it is said, which may be short from the beginning: in minutes where they are nearly full.
function span(seconds) {
  const count = Math.round(seconds / 60);
  if (count && Math.abs(count * 60 - seconds) < 6) return interpolate(ngettext("%s minute", "%s minutes", count), [count]);
  return interpolate(ngettext("%s second", "%s seconds", seconds), [seconds]);
}

// Seconds as a clock counts them down: 9:05.
function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
