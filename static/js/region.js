// Reading a field from a region of the page: drawn by dragging (with the tool, or with Shift), or moved there with the
// arrow keys, and read again by the server into the chosen field.
import { offer } from "./acts.js";
import { announce } from "./announce.js";
import { onPage } from "./viewer.js";

const SMALLEST = 6; // pixels of the page's image
const STEP = 6;
const STRIDE = 24; // while a key is held down
const START = { width: 0.3, height: 0.025 }; // of the page: about a line, where the field has no place yet
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Region {
  constructor(viewer, fields, signal) {
    this.viewer = viewer;
    this.fields = fields;
    this.tool = viewer.root.querySelector("[data-region-tool]");
    if (!this.tool) return; // the papers are masked
    this.frame = null; // the element that shows the region, and its box in pixels of the page
    this.box = null;
    this.cell = null; // of a table, the cell that was typed in last
    this.#wire(signal);
    offer({ region: () => this.toggle() }, signal);
  }

  // The tool is taken up or put down. By keyboard, the region begins where the field was read.
  toggle() {
    if (this.on) return this.leave();
    if (this.#nowhere()) return;
    this.#take();
    this.#begin();
  }

  leave() {
    if (!this.on) return;
    this.#putDown();
    (this.#row() ?? this.viewer.pages).focus({ preventScroll: true });
  }

  get on() {
    return this.viewer.pages.classList.contains("drawing");
  }

  #row() {
    const row = this.fields.row();
    return row?.querySelector("[data-field-form]") ? row : null;
  }

  // Whether there is no field to read into, or of a table no cell; says so.
  #nowhere() {
    const row = this.#row();
    if (!row) this.#say(gettext("Choose a field first; then draw a region for it."));
    else if (!this.#place(row)) this.#say(gettext("Choose a cell first; then draw a region for it."));
    return !row || !this.#place(row);
  }

  // Where a row's value is typed: its one control, or the cell that was typed in last.
  #place(row) {
    const { elements } = row.querySelector("[data-field-form]");
    return elements.value ?? (this.cell && elements[this.cell]);
  }

  #say(words) {
    this.viewer.hint(words);
    announce(words);
  }

  #take() {
    this.viewer.pages.classList.add("drawing");
    this.tool.ariaPressed = "true";
    const row = this.#row();
    const label = this.#place(row).ariaLabel ?? row.dataset.label;
    this.#say(interpolate(gettext("Drag a box around %s. Arrows move it, Shift and arrows resize it, Enter reads it, Esc leaves."), [label]));
  }

  #putDown() {
    this.viewer.pages.classList.remove("drawing");
    this.tool.ariaPressed = "false";
    this.viewer.hint("");
    this.#clear();
  }

  #clear() {
    this.frame?.remove();
    this.frame = this.box = this.paper = null;
  }

  #begin() {
    const marked = this.viewer.root.querySelector(".mark-chosen rect");
    const paper = marked?.closest("[data-paper]") ?? this.viewer.current()?.querySelector("[data-paper]");
    if (!paper) return;
    if (marked) this.viewer.lookAt(marked, { closer: true });
    this.#draw(paper, marked ? boxOf(marked) : this.#middle(paper));
    this.frame.focus({ preventScroll: true });
  }

  // About a line in the middle of what is in view.
  #middle(paper) {
    const view = this.viewer.pages.getBoundingClientRect();
    const { x, y } = onPage(paper, view.left + view.width / 2, view.top + view.height / 2);
    const [wide, high] = [paper.dataset.width * START.width, paper.dataset.height * START.height];
    return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
  }

  #draw(paper, box) {
    const { width, height } = paper.dataset;
    if (!this.frame || this.paper !== paper) {
      this.#clear();
      this.paper = paper;
      this.frame = made(paper);
    }
    this.box = box.map(Math.round);
    const [left, top, right, bottom] = this.box;
    const place = { left: left / width, top: top / height, width: (right - left) / width, height: (bottom - top) / height };
    for (const [side, share] of Object.entries(place)) this.frame.style.setProperty(side, `${share * 100}%`);
  }

  #wire(signal) {
    const { pages } = this.viewer;
    this.tool.addEventListener("click", () => this.toggle());
    this.fields.root.addEventListener("focusin", ({ target }) => {
      if (target.matches("[data-cell]")) this.cell = target.name;
      else if (target.name === "value") this.cell = null;
    });
    pages.addEventListener("pointerdown", (event) => this.#pressed(event), { capture: true });
    pages.addEventListener("pointermove", (event) => this.#dragged(event));
    pages.addEventListener("pointerup", () => this.#released());
    pages.addEventListener("pointercancel", () => this.#released({ cancelled: true }));
    pages.addEventListener("keydown", (event) => event.target === this.frame && this.#key(event));
    this.viewer.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.on) return;
      event.stopPropagation();
      this.leave();
    });
    document.addEventListener("htmx:afterSettle", (event) => this.#answered(event.detail.elt), { signal });
    document.addEventListener("htmx:afterRequest", (event) => this.#ended(event.detail), { signal });
  }

  #pressed(event) {
    if (event.button !== 0 || !(this.on || event.shiftKey) || event.target === this.frame) return;
    const paper = event.target.closest("[data-paper]");
    if (!paper) return;
    event.preventDefault(); // neither panned nor selected
    if (this.#nowhere()) return;
    if (!this.on) this.#take();
    this.from = onPage(paper, event.clientX, event.clientY);
    this.viewer.pages.setPointerCapture(event.pointerId);
    this.#draw(paper, [this.from.x, this.from.y, this.from.x, this.from.y]);
  }

  #dragged(event) {
    if (!this.from) return;
    const { x, y } = onPage(this.paper, event.clientX, event.clientY);
    this.#draw(this.paper, [Math.min(x, this.from.x), Math.min(y, this.from.y), Math.max(x, this.from.x), Math.max(y, this.from.y)]);
  }

  #released({ cancelled } = {}) {
    if (!this.from) return;
    this.from = null;
    const [left, top, right, bottom] = this.box;
    if (cancelled || right - left < SMALLEST || bottom - top < SMALLEST) this.#clear();
    else this.#read();
  }

  #key(event) {
    if (event.key === "Enter" && !event.repeat) this.#read();
    else if (ARROWS[event.key]) this.#move(ARROWS[event.key], event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Arrows go the way the screen shows them, also on a page that is turned. With Shift they move the far edges.
  #move([across, down], { shiftKey, repeat }) {
    const turn = Number(this.paper.closest("[data-sheet]").dataset.turn ?? 0);
    const [x, y] = { 0: [across, down], 90: [down, -across], 180: [-across, -down], 270: [-down, across] }[turn].map(
      (way) => way * (repeat ? STRIDE : STEP),
    );
    const { width, height } = this.paper.dataset;
    const [left, top, right, bottom] = this.box;
    const near = shiftKey ? [left, top] : [left + x, top + y];
    const far = shiftKey ? [Math.max(left + SMALLEST, right + x), Math.max(top + SMALLEST, bottom + y)] : [right + x, bottom + y];
    if (near[0] < 0 || near[1] < 0 || far[0] > Number(width) || far[1] > Number(height)) return;
    this.#draw(this.paper, [...near, ...far]);
    this.frame.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #read() {
    const row = this.#row();
    if (!row || this.reading) return;
    this.reading = row.dataset.field;
    this.frame.classList.add("region-reading");
    announce(gettext("Reading…"));
    const form = row.querySelector("[data-field-form]");
    const place = this.#place(row);
    const values = { page: this.paper.dataset.page, box: this.box.join(" "), [place.name]: place.value };
    if (place.name !== "value") values.cell = place.name;
    htmx.ajax("POST", `${form.getAttribute("action")}region/`, { source: form, target: row, swap: "outerHTML", values });
  }

  // The row came back: with the value, or with a text for the person to mend.
  #answered(row) {
    if (!this.reading || row.dataset?.field !== this.reading) return;
    this.reading = null;
    this.#putDown();
    if (row.querySelector("[aria-invalid]")) return this.fields.edit();
    row.focus({ preventScroll: true });
    this.viewer.show(row.dataset.field, { closer: false });
  }

  // What brought no row back: no connection, an error of the server's, a session that has ended.
  #ended({ elt, xhr, successful }) {
    if (successful || [409, 422].includes(xhr.status)) return;
    if (!this.reading || elt.closest("[data-field]")?.dataset.field !== this.reading) return;
    this.reading = null;
    this.frame?.classList.remove("region-reading");
    this.#say(gettext("The region was not read. Try again."));
  }
}

const boxOf = (rect) => {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  return [x, y, x + width, y + height];
};

function made(paper) {
  const frame = document.createElement("div");
  frame.className = "region";
  frame.tabIndex = 0;
  frame.role = "application";
  frame.ariaLabel = gettext("Region: arrows move it, Shift and arrows resize it, Enter reads it, Esc leaves");
  paper.append(frame);
  return frame;
}
