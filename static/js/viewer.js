// The page viewer: zoom, fit, rotate, pan, and "show me where". The sheets scroll as the browser scrolls;
// zooming widens them, so keyboard, touch and screen readers keep what they know.

const STEPS = [0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2, 2.5, 3, 4];
const EVIDENCE_HEIGHT = 34; // pixels that a field's box gets at least when it is shown

export class Viewer {
  constructor(root, signal) {
    this.root = root;
    this.pages = root.querySelector("[data-pages]");
    this.choice = root.querySelector("[data-page-choice]");
    this.level = root.querySelector("[data-zoom-level]");
    this.sheets = [...root.querySelectorAll("[data-sheet]")];
    this.thumbs = [...root.querySelectorAll("[data-thumb]")];
    this.zoom = 1;
    this.seen = new Set(); // numbers of the pages that were in view, for the record
    this.#note();
    this.#wire(signal);
    this.#watchPages();
    this.#wirePanning();
    this.sheets.forEach((sheet) => this.#watchImage(sheet));
  }

  // Keeps the point under `anchor` (client coordinates; the middle when none is given) where it is.
  setZoom(zoom, anchor) {
    const frame = this.pages.getBoundingClientRect();
    const x = (anchor?.x ?? frame.left + frame.width / 2) - frame.left;
    const y = (anchor?.y ?? frame.top + frame.height / 2) - frame.top;
    const ratio = Math.min(4, Math.max(0.25, zoom)) / this.zoom;
    const left = (this.pages.scrollLeft + x) * ratio - x;
    const top = (this.pages.scrollTop + y) * ratio - y;
    this.zoom *= ratio;
    this.pages.style.setProperty("--zoom", this.zoom);
    this.sheets.forEach((sheet) => this.#layOut(sheet));
    this.pages.scrollTo({ left, top });
    if (this.level) this.level.value = `${Math.round(this.zoom * 100)} %`;
  }

  step(direction) {
    const next =
      direction > 0
        ? STEPS.find((step) => step > this.zoom * 1.01)
        : STEPS.findLast((step) => step < this.zoom * 0.99);
    if (next) this.setZoom(next);
  }

  fitWidth() {
    this.setZoom(1);
    this.pages.scrollLeft = 0;
  }

  fitPage() {
    const sheet = this.current();
    if (!sheet) return;
    const { width, height } = this.#shape(sheet);
    const room = this.pages.clientHeight - 44;
    this.setZoom(Math.min(1, ((room / height) * width) / this.#columnWidth()));
    this.goTo(sheet);
  }

  rotate() {
    const sheet = this.current();
    if (!sheet) return;
    sheet.dataset.turn = String((Number(sheet.dataset.turn ?? 0) + 90) % 360);
    this.#layOut(sheet);
  }

  current() {
    const top = this.pages.getBoundingClientRect().top + this.pages.clientHeight * 0.4;
    return this.sheets.findLast((sheet) => sheet.getBoundingClientRect().top <= top) ?? this.sheets[0];
  }

  goTo(sheet) {
    if (!sheet) return;
    const offset = sheet.getBoundingClientRect().top - this.pages.getBoundingClientRect().top;
    this.pages.scrollTop += offset - 8;
  }

  turnPage(direction) {
    this.goTo(this.sheets[this.sheets.indexOf(this.current()) + direction]);
  }

  // Shows where a field was read: marks its boxes, and scrolls the first into view; `closer` also zooms to it.
  show(name, { closer }) {
    const marks = this.root.querySelectorAll("[data-mark]");
    const chosen = [...marks].filter((mark) => mark.dataset.mark === name);
    marks.forEach((mark) => mark.classList.remove("mark-chosen", "mark-pulse"));
    chosen.forEach((mark) => mark.classList.add("mark-chosen"));
    if (!chosen.length) return false;
    const rect = chosen[0].querySelector("rect");
    if (closer) {
      const height = Math.min(rect.getBoundingClientRect().height, rect.getBoundingClientRect().width);
      if (height > 0 && height < EVIDENCE_HEIGHT) this.setZoom((this.zoom * EVIDENCE_HEIGHT) / height);
    }
    this.#centre(rect, closer);
    void chosen[0].getBoundingClientRect(); // so that a second pulse starts anew
    chosen.forEach((mark) => mark.classList.add("mark-pulse"));
    return true;
  }

  #centre(rect, always) {
    const frame = this.pages.getBoundingClientRect();
    const box = rect.getBoundingClientRect();
    const inside =
      box.top >= frame.top + 24 && box.bottom <= frame.bottom - 24 && box.left >= frame.left && box.right <= frame.right;
    if (inside && !always) return;
    this.pages.scrollBy({
      left: box.left + box.width / 2 - frame.left - frame.width / 2,
      top: box.top + box.height / 2 - frame.top - frame.height * 0.4,
    });
  }

  #columnWidth() {
    const style = getComputedStyle(this.pages);
    return this.pages.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }

  #shape(sheet) {
    const paper = sheet.querySelector("[data-paper]");
    const sideways = Number(sheet.dataset.turn ?? 0) % 180 !== 0;
    const [width, height] = [Number(paper.dataset.width), Number(paper.dataset.height)];
    return sideways ? { width: height, height: width } : { width, height };
  }

  // A turned sheet keeps the column's width: its paper is scaled and moved by a transform, its height set by hand.
  #layOut(sheet) {
    const turn = Number(sheet.dataset.turn ?? 0);
    const paper = sheet.querySelector("[data-paper]");
    paper.style.transform = "";
    paper.style.width = "";
    sheet.style.height = "";
    if (turn === 0) return;
    const width = sheet.clientWidth;
    const caption = sheet.querySelector("figcaption").offsetHeight + 4;
    const { width: shapeWidth, height: shapeHeight } = this.#shape(sheet);
    const height = (width / shapeWidth) * shapeHeight;
    const sideways = turn % 180 !== 0;
    paper.style.width = `${sideways ? height : width}px`;
    paper.style.transformOrigin = "0 0";
    const move = { 90: `${width}px, 0`, 180: `${width}px, ${height}px`, 270: `0, ${height}px` }[turn];
    paper.style.transform = `translate(${move}) rotate(${turn}deg)`;
    sheet.style.height = `${height + caption}px`;
  }

  #wire(signal) {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (button) this.act(button.dataset.zoom);
      if (event.target.closest("[data-rotate]")) this.rotate();
      const thumb = event.target.closest("[data-thumb]");
      if (!thumb) return;
      event.preventDefault();
      this.goTo(document.getElementById(thumb.dataset.thumb));
    });
    this.choice?.addEventListener("change", () => this.goTo(document.getElementById(this.choice.value)));
    this.pages.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.setZoom(this.zoom * Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
      },
      { passive: false },
    );
    const observer = new ResizeObserver(() => this.sheets.forEach((sheet) => this.#layOut(sheet)));
    observer.observe(this.pages);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  // Boxes stand over an image, never over nothing; one that does not come is said, and asked for again.
  #watchImage(sheet) {
    const image = sheet.querySelector("img");
    if (!image) return;
    const paper = sheet.querySelector("[data-paper]");
    const failed = sheet.querySelector("[data-failed]");
    const show = (came) => {
      paper.hidden = !came;
      failed.hidden = came;
      paper.classList.toggle("sheet-empty", !came);
    };
    paper.classList.toggle("sheet-empty", !image.naturalWidth);
    image.addEventListener("load", () => show(true));
    image.addEventListener("error", () => show(false));
    if (image.complete && !image.naturalWidth) show(false);
    failed.querySelector("[data-retry]").addEventListener("click", () => {
      image.loading = "eager"; // a hidden one would wait to be seen
      image.src = image.src.split("?")[0] + `?again=${Date.now()}`;
    });
  }

  act(name) {
    const acts = { in: () => this.step(1), out: () => this.step(-1), width: () => this.fitWidth(), page: () => this.fitPage() };
    acts[name]();
  }

  #watchPages() {
    let waiting = false;
    this.pages.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        this.#note();
        const id = this.current()?.id;
        if (this.choice && this.choice.value !== id) this.choice.value = id;
        for (const thumb of this.thumbs) {
          const here = thumb.dataset.thumb === id;
          if (here === thumb.hasAttribute("aria-current")) continue;
          thumb.toggleAttribute("aria-current", here);
          if (here) thumb.scrollIntoView({ block: "nearest" });
        }
      });
    });
  }

  #note() {
    const number = this.current()?.id.replace("page-", "");
    if (number) this.seen.add(number);
  }

  #wirePanning() {
    let from = null;
    this.pages.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("a, button")) return;
      from = { x: event.clientX, y: event.clientY, left: this.pages.scrollLeft, top: this.pages.scrollTop };
      this.pages.setPointerCapture(event.pointerId);
      this.pages.classList.add("panning");
    });
    this.pages.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.pages.scrollTo({ left: from.left - (event.clientX - from.x), top: from.top - (event.clientY - from.y) });
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.pages.addEventListener(end, () => {
        from = null;
        this.pages.classList.remove("panning");
      });
    }
  }
}
