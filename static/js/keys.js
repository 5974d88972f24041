// Keys. Those of one sign rest while somebody types, while a dialog is open, and for good where the person switched
// them off; those held with Ctrl or Cmd work in the middle of a text too. Which key does what is the person's own map,
// written into every page. No act depends on its key: each is a control as well, or stands in the palette.
import { find, findByKey } from "./acts.js";

const typing = "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]";

// Acts that go on while their key is held down.
const whileHeld = new Set(["next_field", "previous_field", "zoom_in", "zoom_out", "previous_page", "next_page"]);

export const keymap = JSON.parse(document.getElementById("keymap")?.textContent ?? "[]");
const answers = keymap.filter((entry) => entry.asks);
const acts = keymap.filter((entry) => !entry.asks);

// What a press stands for, the likeliest first. The sign it makes counts, so that a key is where its layout has it.
// Where that sign has no act, the place of the key may: the digits of a French keyboard, which need Shift to be typed,
// and the letters of a keyboard that has no Latin ones.
export function meant(event) {
  const sign = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.getModifierState("AltGraph")) return /^[\p{L}\p{N}\s]$/u.test(sign) ? [] : [sign];
  if (event.altKey) return [];
  const [, digit, letter] = /^(?:Digit(\d)|Key([A-Z]))$/.exec(event.code) ?? [];
  const signs = [sign];
  if (digit && !event.shiftKey) signs.push(digit);
  if (letter && /^\P{ASCII}$/u.test(sign)) signs.push(letter.toLowerCase());
  return event.ctrlKey || event.metaKey ? signs.map((each) => `Mod+${each}`) : signs;
}

// Another input method is at work, and the key belongs to it.
export const composing = (event) => event.isComposing || event.keyCode === 229;

const keysOff = () => document.documentElement.classList.contains("keys-off");

// The act that a press asks for: its name, where it has one, and what to do. An open dialog is all there is.
function asked(event) {
  const inDialog = document.querySelector("dialog[open]");
  for (const sign of meant(event)) {
    const entry = (inDialog ? answers : acts).find(({ key }) => key === sign);
    const act = entry ? find(entry.name) : !inDialog && findByKey(sign);
    if (act) return { name: entry?.name, act };
  }
  return null;
}

function rests(event) {
  if (event.ctrlKey || event.metaKey) return false;
  if (keysOff() || event.target.closest(typing)) return true;
  const onControl = event.target.closest("a, button, summary, input");
  if (event.key === " ") return onControl;
  return event.key === "Enter" && onControl && !event.target.matches("[type=radio], [type=checkbox]");
}

function pressed(event) {
  if (event.defaultPrevented || composing(event) || rests(event)) return;
  const found = asked(event);
  if (!found || (event.repeat && !whileHeld.has(found.name))) return;
  event.preventDefault();
  found.act();
}

// A dialog is answered by a key that was pressed for it, never by one still held down from before.
function heldFromBefore(event) {
  if (event.repeat && event.key === "Enter" && event.target.closest("dialog, [data-outcome] button")) event.preventDefault();
}

// Once, for as long as the page is there: what the keys reach comes and goes by itself.
export function wireKeys() {
  document.addEventListener("keydown", heldFromBefore);
  document.addEventListener("keydown", pressed);
}

// The keys that only look: moving between fields, their evidence, and the papers, as far as the case has any.
export function lookingActs(viewer, fields) {
  return { ...(fields.rows().length && fieldActs(fields)), ...(viewer.pages && paperActs(viewer)) };
}

function fieldActs(fields) {
  return {
    next_field: () => fields.move(1),
    previous_field: () => fields.move(-1),
    next_to_settle: () => fields.nextToSettle(),
    evidence: () => fields.evidence(),
  };
}

function paperActs(viewer) {
  return {
    zoom_in: () => viewer.step(1),
    zoom_out: () => viewer.step(-1),
    fit_width: () => viewer.fitWidth(),
    fit_page: () => viewer.fitPage(),
    rotate: () => viewer.rotate(),
    previous_page: () => viewer.turnPage(-1),
    next_page: () => viewer.turnPage(1),
  };
}
