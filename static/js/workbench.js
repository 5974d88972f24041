// The case page: papers, fields, verdict and lease, and the keys that reach all of them.
import { Fields } from "./fields.js";
import { wireKeys, wireKeySwitch } from "./keys.js";
import { Lease } from "./lease.js";
import { Outcome } from "./outcome.js";
import { Viewer } from "./viewer.js";

const viewer = new Viewer(document.querySelector("[data-viewer]"));
const fields = new Fields(document.querySelector("[data-fields]"), viewer);
const form = document.querySelector("[data-outcome]");
const outcome = form && new Outcome(form);
const lease = document.querySelector("[data-lease]");
if (lease) new Lease(lease);

const bindings = {
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
  "?": () => document.getElementById("keys").showModal(),
};

if (outcome) {
  Object.assign(bindings, {
    " ": () => fields.act("settle"),
    i: () => fields.act("illegible"),
    z: () => fields.act("reopen"),
    Enter: () => (document.activeElement.closest("[data-field]") ? fields.edit() : outcome.submit()),
  });
  for (const key of outcome.keys()) bindings[key] = () => outcome.choose(key);
  for (let digit = 1; digit <= 9; digit += 1) bindings[digit] = () => outcome.reason(digit);
}

wireKeys(bindings);
document.querySelectorAll("[data-keys-switch]").forEach(wireKeySwitch);
