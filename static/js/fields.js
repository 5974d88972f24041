// The list of fields: which one is chosen, moving between them, and saving each as it changes.
import { announce } from "./announce.js";

export class Fields {
  constructor(root, viewer, signal) {
    this.root = root;
    this.viewer = viewer;
    this.chosen = null;
    this.#wire(signal);
  }

  rows() {
    return [...this.root.querySelectorAll("[data-field]")];
  }

  row() {
    return this.chosen && document.getElementById(`field-${this.chosen}`);
  }

  // Chooses a row: shown beside the papers, its place on the page marked. `focus` also moves the keyboard there.
  choose(row, { focus }) {
    this.row()?.classList.remove("chosen");
    this.chosen = row.dataset.field;
    row.classList.add("chosen");
    this.viewer.show(this.chosen, { closer: false });
    if (!focus) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  move(direction) {
    const rows = this.rows();
    const from = rows.indexOf(this.row());
    const next = from < 0 ? rows[direction > 0 ? 0 : rows.length - 1] : rows[from + direction];
    if (next) this.choose(next, { focus: true });
  }

  // The next row that must be settled, going round; says so when there is none.
  nextToSettle() {
    const rows = this.rows();
    const from = rows.indexOf(this.row());
    const turned = [...rows.slice(from + 1), ...rows.slice(0, from + 1)];
    const next = turned.find((row) => ["bad", "warn"].includes(row.dataset.state));
    if (next) this.choose(next, { focus: true });
    else announce("All fields are settled.");
    return Boolean(next);
  }

  // Labels of the rows that still want a word.
  unsettled() {
    return this.rows()
      .filter((row) => ["bad", "warn"].includes(row.dataset.state))
      .map((row) => row.dataset.label);
  }

  // What the keys can do to the chosen row.
  acts() {
    const press = (name) => () => this.row()?.querySelector(`button[value="${name}"]`)?.click();
    return { confirm: press("settle"), illegible: press("illegible"), take_back: press("reopen"), correct: () => this.edit() };
  }

  edit() {
    const control = this.row()?.querySelector("[name=value]");
    control?.focus();
    control?.select?.();
  }

  evidence() {
    const found = this.chosen && this.viewer.show(this.chosen, { closer: true });
    if (this.chosen && !found) announce("No source found for this field.");
  }

  #wire(signal) {
    this.root.addEventListener("focusin", (event) => {
      const row = event.target.closest("[data-field]");
      if (row && row.dataset.field !== this.chosen) this.choose(row, { focus: false });
    });
    this.root.addEventListener("click", (event) => {
      const row = event.target.closest("[data-field]");
      if (row && row.dataset.field !== this.chosen) this.choose(row, { focus: false });
      if (!event.target.closest("[data-evidence]")) return;
      event.preventDefault();
      this.evidence();
    });
    this.root.addEventListener("change", (event) => {
      if (event.target.name === "value") event.target.form.requestSubmit();
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.target.name !== "value") return;
      if (event.key === "Enter" && event.target.matches("textarea")) {
        event.preventDefault(); // a value is one line, however it is wrapped
        event.target.form.requestSubmit();
      }
      if (event.key !== "Escape") return;
      event.target.value = event.target.defaultValue ?? event.target.value;
      event.target.closest("[data-field]").focus();
      event.stopPropagation();
    });
    document.addEventListener("htmx:afterSettle", (event) => this.#settled(event.detail.elt), { signal });
    document.addEventListener("click", (event) => this.#markClicked(event), { signal });
  }

  #settled(row) {
    if (!row.matches?.("[data-field]")) return;
    if (row.dataset.field === this.chosen) row.classList.add("chosen");
    if (!row.contains(document.activeElement) && row.dataset.field === this.chosen) row.focus({ preventScroll: true });
    const left = document.getElementById("to-settle")?.textContent.trim();
    announce(`${row.dataset.label}: ${row.querySelector(".field-mark").textContent.trim()}. ${left}.`);
    this.viewer.root
      .querySelectorAll(`[data-mark="${CSS.escape(row.dataset.field)}"]`)
      .forEach((mark) => {
        mark.classList.remove("mark-bad", "mark-warn", "mark-settled", "mark-fine");
        mark.classList.add(`mark-${row.dataset.state}`);
      });
  }

  #markClicked(event) {
    const mark = event.target.closest("[data-mark]");
    const row = mark && document.getElementById(`field-${mark.dataset.mark}`);
    if (!row) return;
    event.preventDefault();
    this.choose(row, { focus: true });
  }
}
