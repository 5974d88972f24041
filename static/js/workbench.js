// The case page: papers, fields, verdict and lease, and the keys that reach all of them.
import { offer } from "./acts.js";
import { Fields } from "./fields.js";
import { Guidance } from "./guidance.js";
import { Kept } from "./kept.js";
import { lookingActs } from "./keys.js";
import { Lease } from "./lease.js";
import { Message } from "./message.js";
import { Next } from "./next.js";
import { Outcome } from "./outcome.js";
import { Reply } from "./reply.js";
import { Region } from "./region.js";
import { Search } from "./search.js";
import { viewerOf } from "./viewer.js";

// Wires everything for the case that `root` (the page's main part) shows. The next case takes its place without a
// page load: whatever listens outside of `root`, or runs by a clock, lets go when `signal` aborts.
export function start(root, signal) {
  const list = root.querySelector("[data-fields]") ?? document.createElement("section"); // some cases have no fields
  const verdict = root.querySelector("[data-outcome]");
  const kept = new Kept(verdict, list, signal);
  const viewer = viewerOf(root.querySelector("[data-viewer]"), signal);
  const fields = new Fields(list, viewer, signal);
  new Search(viewer, signal);
  new Region(viewer, fields, signal);
  new Guidance(root, signal);
  new Message(root, signal);
  const reply = new Reply(verdict, signal);
  const outcome = new Outcome(verdict, viewer, fields, signal);
  const lease = new Lease(root.querySelector("[data-lease]"), signal);

  outcome.onSent = () => {
    kept.sent();
    lease.rest();
  };
  document.addEventListener("claim-lost", (event) => lease.end(event.detail.value), { signal });

  offer({ ...lookingActs(viewer, fields), ...fields.acts(), ...verdictActs(outcome) }, signal);
  if (reply.offered) offer({ reply: () => reply.focus() }, signal);
  return { kept, outcome, lease };
}

function verdictActs(outcome) {
  const acts = {
    explanation: () => outcome.explain(),
    submit: () => outcome.submit(),
    submit_typing: () => document.activeElement.matches("[data-explanation], [data-reply-text]") && outcome.submit(),
  };
  for (let digit = 1; digit <= 9; digit += 1) acts[`reason_${digit}`] = () => outcome.reason(digit);
  return acts;
}

const next = new Next(document.getElementById("main"), start);
addEventListener("load", () => next.saveRestored());
next.parts.outcome.meet();
