// The reply beside the verdict: a template's text with what is known in its places, the appointment that it names,
// and a gentle word where it reads as an order. What was written under one template comes back with it.
import { announce } from "./announce.js";

const PLACE = "{appointment}";

// The value of a part of the reply as it can be kept: what is not booked yet may be taken when it comes back.
export function unbooked(control) {
  const told = control.closest("[data-reply]").querySelector("[data-told]:checked")?.dataset.told;
  return told && control.matches("[data-reply-text]") ? control.value.replaceAll(told, PLACE) : control.value;
}

export class Reply {
  constructor(form, signal) {
    this.form = form;
    this.parts = [...form.querySelectorAll("[data-reply]")].filter((part) => part.querySelector("[data-template]"));
    for (const part of this.parts) new Part(part);
    document.addEventListener("reply-orders", (event) => this.#warn(event.detail.phrases), { signal });
  }

  get offered() {
    return this.parts.length > 0;
  }

  // The reply to what is chosen, or to what stands.
  #shown() {
    return this.parts.find((part) => part.checkVisibility());
  }

  focus() {
    const part = this.#shown();
    if (part) (part.querySelector(".reply-times input:checked") ?? part.querySelector("[data-template]")).focus();
    else this.form.reportValidity(); // an outcome comes first
  }

  #warn(phrases) {
    const note = this.#shown()?.querySelector("[data-orders]");
    if (!note) return;
    note.querySelector("[data-orders-list]").textContent = phrases.join(", ");
    note.hidden = !phrases.length;
  }
}

class Part {
  constructor(part) {
    this.part = part;
    this.template = part.querySelector("[data-template]");
    this.text = part.querySelector("[data-reply-text]");
    this.unnamed = part.querySelector("[data-unnamed]");
    this.written = new Map();
    this.current = this.template.value;
    this.told = this.#told();
    this.#write(this.text.value);
    this.template.addEventListener("change", () => this.#show());
    this.text.addEventListener("input", () => this.#remind());
    this.text.addEventListener("keydown", (event) => event.key === "Escape" && this.template.focus());
    for (const slot of this.#slots()) slot.addEventListener("change", () => this.#move());
  }

  #slots() {
    return [...this.part.querySelectorAll("[data-told]")];
  }

  // How the reply names the appointment that is chosen.
  #told() {
    return this.#slots().find((slot) => slot.checked)?.dataset.told ?? "";
  }

  // What was chosen is read next.
  #show() {
    this.#begin();
    this.text.scrollIntoView({ block: "nearest" });
  }

  // Another template: its own words, or those that were written under it before.
  #begin() {
    this.written.set(this.current, unbooked(this.text));
    this.current = this.template.value;
    this.#write(this.written.get(this.current) ?? this.template.selectedOptions[0].dataset.text ?? "");
  }

  // Another appointment: the words name it. The first one chosen brings the first template that has a place for it.
  #move() {
    const text = this.told ? this.text.value.replaceAll(this.told, PLACE) : this.text.value;
    this.told = this.#told();
    this.#write(text);
    if (!this.told || this.template.value) return;
    const fitting = [...this.template.options].find((option) => option.dataset.text?.includes(PLACE));
    if (!fitting) return;
    fitting.selected = true;
    this.#show();
    announce(gettext("The reply names the appointment."));
  }

  #write(text) {
    this.text.value = this.told ? text.replaceAll(PLACE, this.told) : text;
    this.#remind();
  }

  // An appointment that is kept for somebody who does not hear of it.
  #remind() {
    const named = [this.told, PLACE].some((words) => this.text.value.includes(words));
    this.unnamed.hidden = !this.told || named;
  }
}
