// The page viewer: zoom, fit, rotate, pan, and "show me where". The sheets scroll as the browser scrolls;
// zooming widens them, so keyboard, touch and screen readers keep what they know, the boxes are links, and nothing
// is drawn by script. (OpenSeadragon and its like draw tiles on a canvas with keys and scrolling of their own: right
// for pictures of gigapixels; a page of four megapixels the browser itself decodes in 20 ms.)
import { Glances } from "./glances.js";
import { wireHand } from "./hand.js";
import { placeMark } from "./marks.js";
import { Pictures } from "./pictures.js";

const STEPS = [0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2, 2.5, 3, 4];
const EVIDENCE_HEIGHT = 34; // pixels that a field's box gets at least when it is shown

export class Viewer {
  constructor(root, signal) {
    this.root = root;
    this.signal = signal;
    this.pages = root.querySelector("[data-pages]");
    this.choice = root.querySelector("[data-page-choice]");
    this.level = root.querySelector("[data-zoom-level]");
    this.said = root.querySelector("[data-viewer-hint]");
    this.sheets = [...root.querySelectorAll("[data-sheet]")];
    this.thumbs = [...root.querySelectorAll("[data-thumb]")];
    this.zoom = 1;
    this.glances = new Glances(signal); // at the pages that were in view, for the record
    for (const paper of root.querySelectorAll("[data-paper]")) measure(paper);
    this.#note();
    this.#wire();
    this.#watchPages();
    wireHand(this);
    this.pictures = new Pictures(this, signal);
  }

  // Keeps the point under `anchor` (client coordinates; the middle when none is given) where it is.
  setZoom(zoom, anchor) {
    const frame = this.pages.getBoundingClientRect();
    const x = anchor?.x ?? frame.left + frame.width / 2;
    const y = anchor?.y ?? frame.top + frame.height / 2;
    const sheet = this.#sheetAt(y);
    const before = sheet && shapeOf(sheet);
    this.zoom = Math.min(4, Math.max(0.25, zoom));
    this.pages.style.setProperty("--zoom", this.zoom);
    if (this.level) this.level.value = `${Math.round(this.zoom * 100)} %`;
    if (!sheet) return;
    const after = shapeOf(sheet);
    const left = after.left + ((x - before.left) / before.width) * after.width - x;
    const top = after.top + ((y - before.top) / before.height) * after.height - y;
    this.pages.scrollBy({ left, top, behavior: "instant" });
    this.pictures.fitSoon();
  }

  step(direction) {
    const next =
      direction > 0
        ? STEPS.find((step) => step > this.zoom * 1.01)
        : STEPS.findLast((step) => step < this.zoom * 0.99);
    if (next) this.setZoom(next);
  }

  fitWidth() {
    const sheet = this.current();
    this.setZoom(1);
    this.pages.scrollLeft = 0;
    if (sheet) this.#keepInView(sheet);
  }

  fitPage() {
    const sheet = this.current();
    const frame = sheet && frameOf(sheet);
    if (!frame) return;
    const { width, height } = frame.getBoundingClientRect();
    const caption = sheet.getBoundingClientRect().height - height;
    const room = this.pages.clientHeight - caption - 16;
    this.setZoom(Math.min(1, (this.zoom * room) / height, (this.zoom * this.#columnWidth()) / width));
    this.goTo(sheet);
  }

  rotate() {
    const sheet = this.current();
    if (!sheet) return;
    sheet.dataset.turn = String((turnOf(sheet) + 90) % 360);
    this.#keepInView(sheet);
    this.pictures.fitSoon();
  }

  current() {
    const top = this.pages.getBoundingClientRect().top + this.pages.clientHeight * 0.4;
    return this.sheets.findLast((sheet) => sheet.getBoundingClientRect().top <= top) ?? this.sheets[0];
  }

  goTo(sheet) {
    if (!sheet) return;
    const offset = sheet.getBoundingClientRect().top - this.pages.getBoundingClientRect().top;
    this.pages.scrollBy({ top: offset - 8, behavior: "instant" });
  }

  // To the first page of a paper, unless that is in view; where it has none it stays where it is.
  turnTo(id) {
    const sheet = id && document.getElementById(id);
    if (sheet && sheet !== this.current()) this.goTo(sheet);
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
    this.hint(closer && !chosen.length ? gettext("No source found for this field.") : "");
    if (!chosen.length) return false;
    this.lookAt(chosen[0].querySelector("rect"), { closer });
    chosen.forEach((mark) => mark.classList.add("mark-pulse"));
    return true;
  }

  // Brings a box on a page into view; `closer` also zooms to it.
  lookAt(rect, { closer }) {
    this.reveal(rect.closest("[data-sheet]"));
    if (closer) {
      const { width, height } = rect.getBoundingClientRect();
      const least = Math.min(width, height);
      if (least > 0 && least < EVIDENCE_HEIGHT) this.setZoom((this.zoom * EVIDENCE_HEIGHT) / least);
    }
    this.#centre(rect, closer);
    void rect.getBoundingClientRect(); // so that a second pulse starts anew
  }

  // Where papers are blurred, the one that is looked at is not.
  reveal(sheet) {
    for (const each of this.sheets) each.classList.toggle("sheet-clear", each === sheet);
  }

  // A line over the pages; gone with the next field that is shown.
  hint(words) {
    this.said.textContent = words;
    this.said.hidden = !words;
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
      behavior: "instant",
    });
  }

  #keepInView(sheet) {
    const { top, bottom } = sheet.getBoundingClientRect();
    const frame = this.pages.getBoundingClientRect();
    if (bottom < frame.top + 60 || top > frame.top + frame.height * 0.4) this.goTo(sheet);
  }

  #sheetAt(y) {
    return this.sheets.find((sheet) => sheet.getBoundingClientRect().bottom > y) ?? this.sheets.at(-1);
  }

  #columnWidth() {
    const style = getComputedStyle(this.pages);
    return this.pages.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }

  #wire() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (button) this.act(button.dataset.zoom);
      if (event.target.closest("[data-rotate]")) this.rotate();
      const reveal = event.target.closest("[data-reveal]");
      if (reveal) reveal.ariaPressed = String(this.root.classList.toggle("revealed"));
      const thumb = event.target.closest("[data-thumb]");
      if (!thumb) return;
      event.preventDefault();
      this.goTo(document.getElementById(thumb.dataset.thumb));
    });
    this.#linked();
    this.choice?.addEventListener("change", () => this.goTo(document.getElementById(this.choice.value)));
    this.pages.addEventListener("focus", () => this.reveal(this.current()));
    this.pages.addEventListener("blur", () => this.reveal(null));
    const settled = (event) => event.detail.elt.matches?.("[data-field]") && placeMark(this.root, event.detail.elt);
    document.addEventListener("htmx:afterSettle", settled, { signal: this.signal });
  }

  // Links to a page from elsewhere on the page: shown in the viewer, without the address changing.
  #linked() {
    const follow = (event) => {
      const link = event.target.closest("a[data-to-sheet]");
      if (!link) return;
      event.preventDefault();
      this.goTo(document.getElementById(link.dataset.toSheet));
      this.pages.focus({ preventScroll: true });
    };
    document.addEventListener("click", follow, { signal: this.signal });
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
        this.#showPlace(this.current());
      });
    });
  }

  #showPlace(sheet) {
    if (this.choice && sheet && this.choice.value !== sheet.id) this.choice.value = sheet.id;
    if (document.activeElement === this.pages) this.reveal(sheet);
    for (const thumb of this.thumbs) {
      const here = thumb.dataset.thumb === sheet?.id;
      if (here === thumb.hasAttribute("aria-current")) continue;
      if (here) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
      if (here) thumb.scrollIntoView({ block: "nearest" });
    }
  }

  #note() {
    const number = Number(this.current()?.id.replace("page-", "") ?? 0);
    if (number !== this.glances.number) this.glances.turn(number);
  }
}

// The viewer of a case, or in its place what a case without papers has: nothing is ever found on them.
export function viewerOf(root, signal) {
  return root ? new Viewer(root, signal) : new NoPapers();
}

class NoPapers {
  root = document.createElement("div");
  glances = { text: () => "" };
  show() {
    return false;
  }
  turnTo() {}
  hint() {}
}

const turnOf = (sheet) => Number(sheet.dataset.turn ?? 0);
const frameOf = (sheet) => sheet.querySelector("[data-frame]");
const shapeOf = (sheet) => (frameOf(sheet) ?? sheet).getBoundingClientRect(); // without its caption, which never grows

// The page's shape, known before its image: a turned sheet, and one that is far from view, keeps its place by it.
function measure(paper) {
  const frame = paper.closest("[data-frame]");
  frame.style.setProperty("--wide", paper.dataset.width);
  frame.style.setProperty("--tall", paper.dataset.height);
  frame.classList.add("sheet-measured");
}

// A point of the screen in pixels of the page's image, whichever way it is turned; kept on the page.
export function onPage(paper, x, y) {
  const frame = paper.closest("[data-frame]").getBoundingClientRect();
  const across = Math.min(1, Math.max(0, (x - frame.left) / frame.width));
  const down = Math.min(1, Math.max(0, (y - frame.top) / frame.height));
  const turned = {
    0: [across, down],
    90: [down, 1 - across],
    180: [1 - across, 1 - down],
    270: [1 - down, across],
  }[turnOf(paper.closest("[data-sheet]"))];
  return { x: turned[0] * paper.dataset.width, y: turned[1] * paper.dataset.height };
}
