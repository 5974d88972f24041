// What can be done on the page as it is now, by the names of the key map. A module offers its acts for as long as its
// part of the page is there; a control with data-act="name" offers itself, wherever it stands.
const offered = new Map();

// `acts` are functions by name; they go when `signal` aborts.
export function offer(acts, signal) {
  for (const [name, act] of Object.entries(acts)) {
    offered.set(name, act);
    signal.addEventListener("abort", () => offered.get(name) === act && offered.delete(name));
  }
}

// The act of that name as a function, or undefined where the page has none.
export function find(name) {
  return offered.get(name) ?? byControl(`[data-act="${CSS.escape(name)}"]`);
}

// What a control that names its own key does, such as a verdict of the pipeline.
export function findByKey(key) {
  return byControl(`[data-key="${CSS.escape(key)}"]`);
}

// Controls that name their own key and can be used now.
export function ownKeyed() {
  return [...document.querySelectorAll("[data-key]")].filter((control) => control.dataset.key && usable(control));
}

function byControl(selector) {
  const control = [...document.querySelectorAll(selector)].find(usable);
  return control && (() => use(control));
}

function usable(control) {
  return !control.disabled && !control.closest("[hidden], [inert], dialog:not([open])");
}

// A text is entered, a choice chosen, everything else pressed; what a fold hides is unfolded first. A choice with a key
// of its own is taken back by it.
export function use(control) {
  const fold = control.closest("details:not([open])");
  if (!fold && control.matches("[type=radio][data-key]:checked")) return takeBack(control);
  if (fold && !control.matches("summary")) fold.open = true;
  if (control.matches("input:not([type=radio], [type=checkbox]), select, textarea")) {
    control.focus();
    control.select?.();
    return;
  }
  if (control.matches("input")) control.focus();
  control.click();
}

// No choice is made any more; focus stays where it was chosen.
export function takeBack(choice) {
  choice.checked = false;
  choice.focus();
  choice.dispatchEvent(new Event("change", { bubbles: true }));
}
