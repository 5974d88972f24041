// Boxes drawn over a page: those of fields, and those that come and go.
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 6; // pixels of the page between a word and the box around it

// A rectangle around `box` (left, top, right, bottom in pixels of the page's image), in the page's drawing.
export function drawn(paper, box, look) {
  const [left, top, right, bottom] = box;
  const rect = document.createElementNS(SVG, "rect");
  const shape = { x: left - MARGIN, y: top - MARGIN, width: right - left + 2 * MARGIN, height: bottom - top + 2 * MARGIN, rx: 3 };
  for (const [name, value] of Object.entries(shape)) rect.setAttribute(name, value);
  if (look) rect.setAttribute("class", look);
  paper?.querySelector("svg").append(rect);
  return rect;
}

// Draws a field's box where its row says that the value was read; what stood elsewhere before goes.
export function placeMark(root, row) {
  const { field: name, page, box, state, label } = row.dataset;
  const before = [...root.querySelectorAll(`[data-mark="${CSS.escape(name)}"]`)];
  const chosen = before.some((mark) => mark.classList.contains("mark-chosen"));
  before.forEach((mark) => mark.remove());
  const paper = box && document.getElementById(page)?.querySelector("[data-paper]");
  if (!paper) return;
  const mark = document.createElementNS(SVG, "a");
  mark.setAttribute("class", `mark mark-${state}`);
  mark.setAttribute("href", `#field-${name}`);
  mark.setAttribute("tabindex", "-1");
  mark.dataset.mark = name;
  mark.classList.toggle("mark-chosen", chosen || row.classList.contains("chosen"));
  const title = document.createElementNS(SVG, "title");
  title.textContent = label;
  mark.append(title, drawn(null, box.split(" ").map(Number)));
  paper.querySelector("svg").append(mark);
}
