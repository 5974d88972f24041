// A field that is a table, by keyboard: arrows and Enter go from cell to cell, what is typed in the last row makes
// another, Ctrl+Delete takes a row away. It is saved as a whole when the focus leaves it, or at once by Ctrl+Enter.
const CELL = "[data-cell]";
const typed = (row) => [...row.querySelectorAll(CELL)].some((cell) => cell.value.trim());
const changed = (body) => body.dataset.shorter === "yes" || [...body.querySelectorAll(CELL)].some((cell) => cell.value !== cell.defaultValue);

function beside(cell, rows) {
  const row = cell.closest("tr");
  const column = [...row.querySelectorAll(CELL)].indexOf(cell);
  const other = [...row.parentElement.rows][row.rowIndex - row.parentElement.rows[0].rowIndex + rows];
  return other?.querySelectorAll(CELL)[column];
}

function go(cell) {
  cell.focus();
  cell.select();
}

// Another empty row once the last one says something: cells keep names and labels of their own.
function grow(body) {
  const last = body.rows[body.rows.length - 1];
  if (!typed(last)) return;
  const fresh = last.cloneNode(true);
  const number = body.rows.length;
  for (const cell of fresh.querySelectorAll(CELL)) {
    cell.value = "";
    cell.defaultValue = "";
    cell.name = cell.name.replace(/^cell-\d+-/, `cell-${number}-`);
    cell.setAttribute("aria-label", interpolate(gettext("%(column)s, row %(number)s"), { column: cell.dataset.cell, number: number + 1 }, true));
  }
  body.append(fresh);
}

function take(row) {
  const body = row.parentElement;
  if (body.rows.length === 1 || row === body.rows[body.rows.length - 1]) return;
  go(row.nextElementSibling.querySelector(CELL)); // left first: focus that goes with its row would save
  row.remove();
  body.dataset.shorter = "yes";
}

function save(body) {
  const form = body.closest("form");
  form.closest("[data-field]").focus({ preventScroll: true }); // left first: the answer replaces the cells
  if (changed(body)) form.requestSubmit();
}

// Rows as they came, by table: what Escape brings back.
const came = new WeakMap();

function restore(body) {
  body.closest("[data-field]").focus({ preventScroll: true });
  if (!changed(body)) return;
  body.replaceChildren(...came.get(body).map((row) => row.cloneNode(true)));
  delete body.dataset.shorter;
}

function key(event) {
  const cell = event.target.closest(CELL);
  if (!cell || event.isComposing) return;
  const body = cell.closest("tbody");
  const plain = !(event.ctrlKey || event.metaKey || event.altKey);
  const over = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
  if (plain && event.key === "Escape") restore(body);
  else if (event.ctrlKey && event.key === "Enter") save(body);
  else if (event.ctrlKey && ["Delete", "Backspace"].includes(event.key)) take(cell.closest("tr"));
  else if (plain && over) {
    const other = beside(cell, over);
    if (other) go(other);
    else if (event.key === "Enter") save(body);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

// Wires the tables under `root`, also those that come later.
export function wireGrids(root) {
  root.addEventListener("keydown", key);
  root.addEventListener("focusin", (event) => {
    const body = event.target.closest(CELL)?.closest("tbody");
    if (body && !came.has(body)) came.set(body, [...body.rows].map((row) => row.cloneNode(true)));
  });
  root.addEventListener("input", (event) => {
    const body = event.target.closest(CELL)?.closest("tbody");
    if (body) grow(body);
  });
  root.addEventListener("focusout", (event) => {
    const body = event.target.closest(CELL)?.closest("tbody");
    if (!body || body.closest("[data-field]").contains(event.relatedTarget) || !changed(body)) return;
    body.closest("form").requestSubmit();
  });
}
