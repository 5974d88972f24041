// The alarm of pinned queues. The page asks for it again every few seconds; here its time runs down, a case is said
// once, when it comes, and the window's title counts. A server that does not answer is asked less and less often.
const { gettext, interpolate } = window;
const TOLD = "alarm-told"; // cases that were said aloud in this window
const MOST_SKIPPED = 7; // of what is asked every few seconds
const SILENT = 2; // failed questions after which the person is told

export function watchAlarm() {
  const root = document.getElementById("alarm");
  if (!root) return;
  new Alarm(root).look();
}

class Alarm {
  constructor(root) {
    this.root = root;
    this.lost = root.querySelector("[data-alarm-lost]");
    this.failed = 0;
    this.skip = 0;
    root.addEventListener("htmx:beforeRequest", (event) => this.skip-- > 0 && event.preventDefault());
    root.addEventListener("htmx:afterSwap", () => this.look());
    root.addEventListener("htmx:afterOnLoad", ({ detail }) => detail.xhr.status < 400 && this.#heard());
    for (const kind of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
      root.addEventListener(kind, (event) => this.#unheard(event));
    }
    new MutationObserver(() => this.#count()).observe(document.querySelector("title"), { childList: true });
    setInterval(() => this.#tick(), 1000);
  }

  look() {
    this.lines = [...this.root.querySelectorAll("[data-alarm-case]")];
    for (const line of this.lines) line.endsAt = performance.now() + Number(line.dataset.seconds) * 1000;
    this.#tick();
    this.#count();
    this.#say();
  }

  #heard() {
    this.failed = this.skip = 0;
    this.lost.hidden = true;
  }

  // What nobody typed is not lost: the line of trouble is for other things. That the session ended is said there.
  #unheard(event) {
    if (event.detail.xhr?.status === 401) return;
    event.stopPropagation();
    this.failed += 1;
    this.skip = Math.min(2 ** this.failed - 1, MOST_SKIPPED);
    this.lost.hidden = this.failed < SILENT;
  }

  #tick() {
    for (const line of this.lines) {
      const seconds = Math.round((line.endsAt - performance.now()) / 1000);
      const words = seconds < 0 ? gettext("%s late") : gettext("%s left");
      line.querySelector("[data-alarm-left]").textContent = interpolate(words, [clock(Math.abs(seconds))]);
    }
  }

  #count() {
    const count = Number(this.root.querySelector("[data-alarm-count]").dataset.alarmCount);
    const bare = document.title.replace(/^\(\d+\) /, "");
    const title = count ? `(${count}) ${bare}` : bare;
    if (document.title !== title) document.title = title;
  }

  #say() {
    const cases = this.lines.map((line) => line.dataset.alarmCase);
    const told = JSON.parse(sessionStorage.getItem(TOLD) ?? "[]");
    const fresh = this.lines.filter((line) => !told.includes(line.dataset.alarmCase));
    sessionStorage.setItem(TOLD, JSON.stringify(cases));
    if (!fresh.length) return;
    const words = fresh.map((line) => line.querySelector("p").textContent.trim().replace(/\s+/g, " "));
    this.root.querySelector("[data-alarm-said]").textContent = words.join(". ");
  }
}

// Seconds as a clock counts them: 9:05, 1:09:05.
function clock(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}
