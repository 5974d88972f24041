// What is entered and not yet taken, kept in this tab: signing in again, or loading the page anew, loses nothing.
// Each record belongs to one claim, and so to one person; it goes once that claim's verdict is sent.
import { unbooked } from "./reply.js";

const PREFIX = "kept:";
const SENT = "sent"; // the key of the record whose verdict is on its way

export class Kept {
  constructor(form, fields, signal) {
    this.form = form;
    this.fields = fields;
    const first = form.elements.commits ? ":first" : ""; // one claim can lead to two answers
    this.key = `${PREFIX}${form.getAttribute("action")}:${form.elements.fence.value}${first}`;
    forget((key) => key !== this.key);
    sessionStorage.removeItem(SENT);
    this.#restore();
    for (const sign of ["input", "change"]) {
      for (const root of [form, fields]) root.addEventListener(sign, () => this.keep());
    }
    document.addEventListener("htmx:afterSettle", () => this.keep(), { signal });
  }

  keep() {
    const sent = new FormData(this.form);
    const reasons = [...this.form.querySelectorAll("[name^='reason:']:checked")].map((box) => [box.name, box.value]);
    const record = {
      verdict: sent.get("verdict"),
      reasons,
      explanation: sent.get("explanation"),
      needed: sent.get("needed_person"),
      reply: replyControls(this.form).filter((control) => control.type !== "radio" || control.checked).map((control) => [control.name, unbooked(control)]),
      fields: this.#unsaved(),
    };
    sessionStorage.setItem(this.key, JSON.stringify(record));
  }

  // The verdict is on its way: the next page that shows somebody signed in drops the record.
  sent() {
    sessionStorage.setItem(SENT, this.key);
  }

  // It never came there.
  unsent() {
    sessionStorage.removeItem(SENT);
  }

  #controls() {
    return [...this.fields.querySelectorAll("[name=value]")];
  }

  #unsaved() {
    return this.#controls().filter(unsaved).map((control) => [control.id, control.value]);
  }

  #restore() {
    const record = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (!record) return;
    for (const [id, value] of record.fields) {
      const control = document.getElementById(id);
      if (control) control.value = value;
    }
    this.form.elements.explanation.value = record.explanation;
    for (const radio of this.form.querySelectorAll("[name=verdict]")) radio.checked = radio.value === record.verdict;
    for (const radio of this.form.querySelectorAll("[name=needed_person]")) radio.checked = radio.value === record.needed;
    for (const [name, value] of record.reply ?? []) {
      for (const control of replyControls(this.form).filter((each) => each.name === name)) {
        if (control.type === "radio") control.checked ||= control.value === value; // what was taken since is not there
        else if (!control.options || [...control.options].some((option) => option.value === value)) control.value = value;
      }
    }
    for (const box of this.form.querySelectorAll("[name^='reason:']")) {
      box.checked = record.reasons.some(([name, value]) => name === box.name && value === box.value);
    }
  }

  // Saves what came back from the tab, once the page listens.
  saveRestored() {
    if (!sessionStorage.getItem(this.key)) return;
    this.#controls().filter(unsaved).forEach((control) => control.form.requestSubmit());
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// What a reply consists of: its template, words, appointment and way.
const replyControls = (form) => [...form.querySelectorAll("[data-reply] :is(select, textarea, input)")];

function unsaved(control) {
  const saved = control.options ? [...control.options].find((option) => option.defaultSelected)?.value : control.defaultValue;
  return control.value !== (saved ?? control.options?.[0]?.value);
}

// Drops the records whose key passes `test`.
export function forget(test) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && test(key)) sessionStorage.removeItem(key);
  }
}

// On every page of somebody signed in: a verdict that was sent has no record any more, and signing out leaves none.
export function tidyKept() {
  const signOut = document.querySelector("[data-sign-out]");
  if (!signOut) return;
  signOut.addEventListener("submit", () => forget(() => true));
  if (!document.querySelector("[data-workbench]")) dropSent(); // else it tidies by itself: the record may be its own
}

// The verdict that was on its way has arrived, or is kept as a draft.
export function dropSent() {
  const sent = sessionStorage.getItem(SENT);
  forget((key) => key === sent);
  sessionStorage.removeItem(SENT);
}
