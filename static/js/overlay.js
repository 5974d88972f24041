// The overlay of all keys: those of this page, and no others. Its switch lets the single ones rest.
import { find, offer, ownKeyed } from "./acts.js";
import { openDialog } from "./dialogs.js";
import { keymap } from "./keys.js";

const root = document.documentElement;

export function wireOverlay(dialog) {
  offer({ overlay: () => openDialog(dialog) }, new AbortController().signal); // as long as the page is there
  dialog.addEventListener("opening", () => showWhatIsThere(dialog));
  wireSwitch(dialog.querySelector("[data-keys-switch]"));
}

function showWhatIsThere(dialog) {
  dialog.querySelector("[data-keys-none]").hidden = !root.classList.contains("keys-off");
  const answers = new Set(keymap.filter(({ asks }) => asks).map(({ name }) => name));
  const verdicts = ownKeyed();
  for (const row of dialog.querySelectorAll("[data-entry]")) {
    const { entry } = row.dataset;
    row.hidden = answers.has(entry) ? !verdicts.length : !find(entry);
  }
  dialog.querySelectorAll("[data-own-key]").forEach((row) => row.remove());
  const list = dialog.querySelector('[data-entry="submit"]')?.parentElement;
  list?.prepend(...verdicts.map((control) => rowOf(control)));
  for (const group of dialog.querySelectorAll("[data-keys-group]")) {
    group.hidden = !group.querySelector("dl > div:not([hidden])");
  }
}

function rowOf(control) {
  const [row, key, words, sign] = ["div", "dt", "dd", "kbd"].map((name) => document.createElement(name));
  row.dataset.ownKey = "";
  sign.textContent = control.dataset.key.toUpperCase();
  key.append(sign);
  const twice = control.dataset.adverse !== undefined;
  words.textContent = twice ? interpolate(gettext("%s; asks twice"), [control.dataset.label]) : control.dataset.label;
  row.append(key, words);
  return row;
}

function wireSwitch(form) {
  form.addEventListener("change", () => {
    const on = form.elements.single_keys.checked;
    root.classList.toggle("keys-off", !on);
    document.dispatchEvent(new Event("keys-switched"));
    const body = new FormData(form);
    body.set("single_keys", on ? "on" : "off");
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
