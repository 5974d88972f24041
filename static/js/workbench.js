// The case page: papers, fields, verdict and lease, and the keys that reach all of them.
import { Fields } from "./fields.js";
import { Kept } from "./kept.js";
import { viewerKeys, wireConfirmKeys, wireKeys, wireKeySwitch } from "./keys.js";
import { Lease } from "./lease.js";
import { Outcome } from "./outcome.js";
import { Viewer } from "./viewer.js";

// Wires everything for the case that `root` (the page's main part) shows. The next case takes its place without a
// page load: whatever listens outside of `root`, or runs by a clock, lets go when `signal` aborts.
export function start(root, signal) {
  const list = root.querySelector("[data-fields]");
  const verdict = root.querySelector("[data-outcome]");
  const kept = new Kept(verdict, list, signal);
  const viewer = new Viewer(root.querySelector("[data-viewer]"), signal);
  const fields = new Fields(list, viewer, signal);
  const outcome = new Outcome(verdict, viewer, fields, signal);
  const lease = new Lease(root.querySelector("[data-lease]"), signal);

  outcome.onSent = () => {
    kept.sent();
    lease.rest();
  };
  document.addEventListener("claim-lost", (event) => lease.end(event.detail.value), { signal });

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

  wireKeys(bindings, signal);
  wireConfirmKeys(document.getElementById("confirm"));
  root.querySelectorAll("[data-keys-switch]").forEach(wireKeySwitch);
  return kept;
}

const kept = start(document.getElementById("main"), new AbortController().signal);
addEventListener("load", () => kept.saveRestored());
