// The case page: papers, fields, verdict and lease, and the keys that reach all of them.
import { Fields } from "./fields.js";
import { Kept } from "./kept.js";
import { viewerKeys, wireConfirmKeys, wireKeys, wireKeySwitch } from "./keys.js";
import { Lease } from "./lease.js";
import { Outcome } from "./outcome.js";
import { Viewer } from "./viewer.js";

const list = document.querySelector("[data-fields]");
const verdict = document.querySelector("[data-outcome]");
const kept = new Kept(verdict, list);
const viewer = new Viewer(document.querySelector("[data-viewer]"));
const fields = new Fields(list, viewer);
const outcome = new Outcome(verdict, viewer, fields);
const lease = new Lease(document.querySelector("[data-lease]"));

outcome.onSent = () => {
  kept.sent();
  lease.rest();
};
document.addEventListener("claim-lost", (event) => lease.end(event.detail.value));
addEventListener("load", () => kept.saveRestored());

const bindings = {
  ...viewerKeys(viewer, fields),
  " ": () => fields.act("settle"),
  i: () => fields.act("illegible"),
  z: () => fields.act("reopen"),
  x: () => outcome.explain(),
  Enter: () => (document.activeElement.closest("[data-field]") ? fields.edit() : outcome.submit()),
  "?": () => document.getElementById("keys").showModal(),
};
for (const key of outcome.keys()) bindings[key] = () => outcome.choose(key);
for (let digit = 1; digit <= 9; digit += 1) bindings[digit] = () => outcome.reason(digit);

wireKeys(bindings);
wireConfirmKeys(document.getElementById("confirm"));
document.querySelectorAll("[data-keys-switch]").forEach(wireKeySwitch);
