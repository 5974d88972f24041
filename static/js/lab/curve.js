// The curve's handle: moved by pointer, finger or keys along points that the page brought; their words go with it.
const PAGE = 10;
const root = document.querySelector("[data-curve]");

function follow(root) {
  const points = JSON.parse(root.dataset.points);
  const chart = root.querySelector("svg");
  const handle = root.querySelector("[data-curve-handle]");
  const drop = root.querySelector("[data-curve-drop]");
  const number = root.querySelector("[data-curve-number]");
  const set = number.nextElementSibling;
  const drafted = root.querySelector("[data-curve-drafted]");
  const parts = [...root.querySelectorAll("[data-curve-part]")];
  let place = Number(handle.dataset.now);

  function show(next) {
    place = Math.min(points.length - 1, Math.max(0, next));
    const point = points[place];
    handle.setAttribute("transform", `translate(${point.x} ${point.y})`);
    handle.setAttribute("aria-valuenow", place);
    handle.setAttribute("aria-valuetext", point.spoken);
    drop.setAttribute("d", ["M", point.x, "20V350"].join(" "));
    for (const part of parts) part.textContent = point[part.dataset.curvePart];
    if (drafted) drafted.value = point.threshold;
  }

  function move(next) {
    show(next);
    number.value = points[place].threshold;
    set.hidden = true;
  }

  const nearest = (far) => points.reduce((best, point, index) => (far(point) < far(points[best]) ? index : best), 0);

  function drag(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    move(nearest((point) => Math.abs(Number(point.x) - at.x)));
  }

  const steps = {
    ArrowRight: () => place + 1,
    ArrowUp: () => place + 1,
    ArrowLeft: () => place - 1,
    ArrowDown: () => place - 1,
    PageUp: () => place + PAGE,
    PageDown: () => place - PAGE,
    Home: () => 0,
    End: () => points.length - 1,
  };

  const slider = { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": points.length - 1 };
  for (const [name, value] of Object.entries(slider)) handle.setAttribute(name, value);
  handle.setAttribute("aria-valuenow", place);
  handle.setAttribute("aria-valuetext", points[place].spoken);
  handle.setAttribute("aria-label", gettext("Threshold, from the strictest to the widest"));
  set.hidden = true;

  handle.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(step());
  });
  chart.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    chart.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    drag(event);
  });
  chart.addEventListener("pointermove", (event) => {
    if (chart.hasPointerCapture(event.pointerId)) drag(event);
  });
  number.addEventListener("input", () => {
    const asked = number.valueAsNumber;
    if (!(asked >= 0 && asked <= 1)) return;
    show(nearest((point) => Math.abs(Number(point.threshold) - asked)));
    if (drafted) drafted.value = number.value;
    set.hidden = Number(points[place].threshold) === asked; // else the server says what holds there
  });
}

if (root) follow(root);
