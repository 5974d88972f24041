// The settings page: a key is set by pressing it, and what two acts would share is said at once. The server judges
// again when they are saved. Tab goes on as anywhere, so nobody is caught in an input that takes keys.
import { announce } from "./announce.js";
import { composing, meant } from "./keys.js";

const form = document.querySelector("[data-settings]");
const table = form.querySelector("[data-key-table]");
const names = JSON.parse(table.dataset.names);
const inputs = [...table.querySelectorAll(".key-input")];

function shown(sign) {
  if (sign.startsWith("Mod+")) return `${gettext("Ctrl")} ${shown(sign.slice(4))}`;
  return names[sign] ?? sign.toUpperCase();
}

const labelOf = (input) => input.labels[0].textContent.trim();

// Every act of the page meets every other; the verdicts of one pipeline don't meet those of another.
function meets(one, other) {
  const listens = [one.dataset.listens, other.dataset.listens];
  if (one === other || listens.includes("question")) return false;
  return listens[0] === listens[1] || listens.includes("page");
}

function problemOf(input) {
  if (!input.value) return "";
  const other = inputs.find((each) => meets(input, each) && each.value === input.value);
  return other ? interpolate(gettext("%s is already the key of “%s”."), [input.value, labelOf(other)]) : "";
}

function say(input, words) {
  input.parentElement.querySelector("[data-key-said]").textContent = words;
  input.toggleAttribute("aria-invalid", Boolean(words));
  if (words) input.setAttribute("aria-invalid", "true");
}

function judgeAll() {
  for (const input of inputs) {
    say(input, problemOf(input));
    input.parentElement.classList.toggle("key-changed", input.value !== input.dataset.usual);
  }
}

function set(input, value) {
  input.value = value;
  judgeAll();
  const problem = problemOf(input);
  announce(problem || (value ? interpolate(gettext("%s: %s"), [labelOf(input), value]) : gettext("No key")));
}

// What a press may be the key of: a sign, Space or Enter; with Ctrl or Cmd where the act works while typing.
function pressed(event) {
  const input = event.target.closest(".key-input");
  if (!input || composing(event)) return;
  if (["Tab", "Escape", "Shift", "Control", "Meta", "Alt", "AltGraph", "CapsLock", "Dead"].includes(event.key)) return;
  const [sign] = meant(event);
  const held = sign?.startsWith("Mod+");
  const wantsMod = input.dataset.withMod !== undefined;
  if (held && !wantsMod) return; // the browser's own
  event.preventDefault();
  if (["Backspace", "Delete"].includes(event.key)) return set(input, "");
  const bare = sign?.replace(/^Mod\+/, "") ?? "";
  if (bare.length !== 1 && bare !== "Enter") say(input, gettext("Browsers and screen readers need that key."));
  else if (wantsMod && !held) say(input, gettext("Hold Ctrl or Cmd with it: this key works in the middle of a text."));
  else set(input, shown(sign));
}

function offerZone(button) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const input = form.elements.time_zone;
  if (!zone || input.value === zone) return;
  button.textContent = interpolate(gettext("Use %s, as this browser"), [zone]);
  button.hidden = false;
  button.addEventListener("click", () => {
    input.value = zone;
    button.hidden = true;
    input.focus();
  });
}

table.addEventListener("keydown", pressed);
for (const input of inputs) {
  input.inputMode = "none"; // no on-screen keyboard: it takes a key, not a text
  input.addEventListener("focus", () => input.select());
  input.addEventListener("beforeinput", (event) => {
    event.preventDefault();
    if (event.data?.trim().length === 1) set(input, shown(event.data.toLowerCase())); // said, not pressed
  });
}
offerZone(form.querySelector("[data-here]"));
