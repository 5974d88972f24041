// Single keys. They rest while somebody types, while a dialog is open, and for good where the person switches them off.
const typing = "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]";

const whileHeld = new Set(["j", "k", "+", "-", "[", "]"]); // keys that go on while they are held down

// A dialog is answered by a key that was pressed for it, never by one still held down from before.
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && event.target.closest("dialog, [data-outcome] button")) event.preventDefault();
});

export function wireKeys(bindings, signal) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.documentElement.classList.contains("keys-off")) return;
    if (event.target.closest(typing) || document.querySelector("dialog[open]")) return;
    const onControl = event.target.closest("a, button, summary, input");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (onControl && (key === " " || (key === "Enter" && !event.target.matches("[type=radio], [type=checkbox]")))) return;
    const act = bindings[key];
    if (!act || (event.repeat && !whileHeld.has(key))) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", pressed, { signal });
}

export function wireKeySwitch(box) {
  const root = document.documentElement;
  box.checked = !root.classList.contains("keys-off");
  box.addEventListener("change", () => {
    root.classList.toggle("keys-off", !box.checked);
    localStorage.setItem("keys", box.checked ? "on" : "off");
  });
}

// In the second question: Y is yes, pressed anew.
export function wireConfirmKeys(dialog) {
  dialog.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "y") return;
    if (!document.documentElement.classList.contains("keys-off")) dialog.close("yes");
  });
}

// The keys that only look: moving between fields, their evidence, and the papers.
export function viewerKeys(viewer, fields) {
  return {
    j: () => fields.move(1),
    k: () => fields.move(-1),
    n: () => fields.nextToSettle(),
    e: () => fields.evidence(),
    "+": () => viewer.step(1),
    "-": () => viewer.step(-1),
    w: () => viewer.fitWidth(),
    p: () => viewer.fitPage(),
    r: () => viewer.rotate(),
    "[": () => viewer.turnPage(-1),
    "]": () => viewer.turnPage(1),
  };
}
