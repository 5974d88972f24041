// The list of fields: which one is chosen, moving between them, and saving each as it changes.
import { announce } from "./announce.js";
import { wireGrids } from "./grid.js";

const ROW_BUTTONS = ".field-acts :is(a, button)";
const VALUE = "[name=value], [data-cell]"; // where a field's value is typed, in a table its first cell
const wantsAWord = (row) => ["bad", "warn"].includes(row.dataset.state);
const held = (event) => event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
const keysOff = () => document.documentElement.classList.contains("keys-off");

// Whether a cell is the last one of its table.
function isLast(cell) {
  const cells = cell.closest("tbody").querySelectorAll("[data-cell]");
  return cell === cells[cells.length - 1];
}

// Where keys reach a row's buttons, Tab goes from value to value past them; a screen reader's own cursor finds them
// either way. Who has switched single keys off finds them by Tab, as does who has no scripts.
function orderTabs(row) {
  if (!row.querySelector(VALUE)) return;
  for (const button of row.querySelectorAll(ROW_BUTTONS)) button.tabIndex = keysOff() ? 0 : -1;
}

const sumsNow = () => [...document.querySelectorAll("[data-sum]")].map((sum) => `${sum.textContent}.`).join(" ");

// What a fold hides is unfolded before it is looked at.
function unfold(row) {
  const fold = row.closest("details:not([open])");
  if (fold) fold.open = true;
}

export class Fields {
  constructor(root, viewer, signal) {
    this.root = root;
    this.viewer = viewer;
    this.chosen = null;
    this.sums = sumsNow();
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
    unfold(row);
    if (!this.viewer.show(this.chosen, { closer: false })) this.viewer.turnTo(row.dataset.sheetOf);
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
    const next = turned.find(wantsAWord);
    if (next) this.choose(next, { focus: true });
    else announce(gettext("All fields are settled."));
    return Boolean(next);
  }

  // Labels of the rows that still want a word.
  unsettled() {
    return this.rows()
      .filter(wantsAWord)
      .map((row) => row.dataset.label);
  }

  // What the keys can do to the chosen row.
  acts() {
    const press = (name) => () => this.row()?.querySelector(`button[value="${name}"]`)?.click();
    return { confirm: press("settle"), illegible: press("illegible"), take_back: press("reopen"), correct: () => this.edit() };
  }

  edit() {
    const row = this.row();
    const control = row?.querySelector("[data-cell][aria-invalid]") ?? row?.querySelector(VALUE);
    control?.focus();
    control?.select?.();
  }

  // Shows where the chosen field was read, and how surely: the score is told to who asks for it.
  evidence() {
    const row = this.row();
    if (!row) return;
    const found = this.viewer.show(this.chosen, { closer: true });
    const score = row.querySelector("[data-score]");
    row.classList.add("evident");
    announce([found ? "" : gettext("No source found for this field."), score?.textContent].filter(Boolean).join(" "));
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
      if (event.target.name === "value") this.#keyInValue(event);
      else if (!event.target.matches("[data-cell]")) this.#keyOnRow(event);
      else if (event.key === "Tab" && isLast(event.target)) this.#tab(event);
    });
    wireGrids(this.root);
    this.rows().forEach(orderTabs);
    document.addEventListener("keydown", (event) => this.#tabFromTop(event), { signal });
    document.addEventListener("keys-switched", () => this.rows().forEach(orderTabs), { signal });
    document.addEventListener("htmx:afterSettle", (event) => this.#settled(event.detail.elt), { signal });
    document.addEventListener("click", (event) => this.#markClicked(event), { signal });
  }

  // Tab from the top of a case leads to what must be settled first; Shift+Tab to what stands above, as ever.
  #tabFromTop(event) {
    if (event.key !== "Tab" || event.defaultPrevented || held(event) || keysOff()) return;
    const top = [document.body, document.getElementById("main")];
    const first = top.includes(document.activeElement) && this.rows().find(wantsAWord);
    if (first) this.#intoValue(event, first);
  }

  #keyInValue(event) {
    if (event.isComposing) return;
    if (event.key === "Tab") this.#tab(event);
    if (event.key === "Enter" && event.target.matches("textarea")) {
      event.preventDefault(); // a value is one line, however it is wrapped
      const { form } = event.target;
      // Left first: a change that was told only as the answer replaces the row would be sent as a page of its own.
      form.closest("[data-field]").focus({ preventScroll: true });
      form.requestSubmit();
    }
    if (event.key !== "Escape") return;
    event.target.value = event.target.defaultValue ?? event.target.value;
    event.target.closest("[data-field]").focus();
    event.stopPropagation();
  }

  // Tab leads from a value to the next one that wants a word, over those that want none, and once all are settled to
  // the next there is. It never goes back and never round: the list ends, and Tab leaves it as any other (no trap in
  // the sense of WCAG 2.1.2). Shift+Tab goes back value by value, so what was passed over is one press away.
  #tab(event) {
    if (held(event) || keysOff()) return;
    const rows = this.rows();
    const later = rows.slice(rows.indexOf(event.target.closest("[data-field]")) + 1);
    const next = later.find(wantsAWord) ?? later[0];
    if (next) this.#intoValue(event, next);
  }

  #intoValue(event, row) {
    const control = row.querySelector(VALUE);
    if (!control) return; // masked
    event.preventDefault();
    unfold(row);
    control.focus();
    control.select?.();
  }

  // On a row itself or on one of its buttons: arrows go along the row and from row to row, Enter into the value.
  #keyOnRow(event) {
    const row = event.target.closest("[data-field]");
    if (!row || held(event)) return;
    const stops = [row, ...row.querySelectorAll(ROW_BUTTONS)];
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const over = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (along) stops[stops.indexOf(event.target) + along]?.focus();
    else if (over) this.move(over);
    else if (event.key === "Enter" && event.target === row && row.querySelector(VALUE)) this.edit();
    else return;
    event.preventDefault();
  }

  #settled(row) {
    if (!row.matches?.("[data-field]")) return;
    orderTabs(row);
    if (row.dataset.field === this.chosen) row.classList.add("chosen");
    const here = row === document.activeElement || !row.contains(document.activeElement);
    if (here && row.dataset.field === this.chosen) (row.querySelector("[data-cell][aria-invalid]") ?? row).focus({ preventScroll: true });
    const left = document.getElementById("to-settle")?.textContent.trim();
    announce(`${row.dataset.label}: ${row.querySelector(".field-mark").textContent.trim()}. ${left}. ${this.#newSums()}`);
    this.viewer.root
      .querySelectorAll(`[data-mark="${CSS.escape(row.dataset.field)}"]`)
      .forEach((mark) => {
        mark.classList.remove("mark-bad", "mark-warn", "mark-settled", "mark-fine");
        mark.classList.add(`mark-${row.dataset.state}`);
      });
    for (const dot of this.viewer.root.querySelectorAll(".thumb-dot")) {
      const sheet = document.getElementById(dot.closest("[data-thumb]").dataset.thumb);
      dot.hidden = !sheet.querySelector(".mark-bad, .mark-warn");
    }
  }

  // What the sums say, where that is something else than before.
  #newSums() {
    const sums = sumsNow();
    const told = sums === this.sums ? "" : sums;
    this.sums = sums;
    return told;
  }

  #markClicked(event) {
    const mark = event.target.closest("[data-mark]");
    const row = mark && document.getElementById(`field-${mark.dataset.mark}`);
    if (!row) return;
    event.preventDefault();
    this.choose(row, { focus: true });
  }
}
