// The case page: papers, fields, verdict and lease, and the keys that reach all of them.
import { Fields } from "./fields.js";
import { viewerKeys, wireKeys, wireKeySwitch } from "./keys.js";
import { Lease } from "./lease.js";
import { Outcome } from "./outcome.js";
import { Viewer } from "./viewer.js";

const viewer = new Viewer(document.querySelector("[data-viewer]"));
const fields = new Fields(document.querySelector("[data-fields]"), viewer);
const outcome = new Outcome(document.querySelector("[data-outcome]"), viewer);
const lease = new Lease(document.querySelector("[data-lease]"));

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status === 409) lease.end();
});

const bindings = {
  ...viewerKeys(viewer, fields),
  " ": () => fields.act("settle"),
  i: () => fields.act("illegible"),
  z: () => fields.act("reopen"),
  Enter: () => (document.activeElement.closest("[data-field]") ? fields.edit() : outcome.submit()),
  "?": () => document.getElementById("keys").showModal(),
};
for (const key of outcome.keys()) bindings[key] = () => outcome.choose(key);
for (let digit = 1; digit <= 9; digit += 1) bindings[digit] = () => outcome.reason(digit);

wireKeys(bindings);
document.querySelectorAll("[data-keys-switch]").forEach(wireKeySwitch);
