// The verdict: chosen by key, asked about a second time where it is adverse or fields are unsettled, sent once.
import { takeBack } from "./acts.js";
import { announce } from "./announce.js";

export class Outcome {
  constructor(form, viewer, fields, signal) {
    this.form = form;
    this.fields = fields;
    this.dialog = document.getElementById("confirm");
    this.explanation = form.querySelector("[data-explanation]");
    this.problem = form.querySelector("[data-problem]");
    this.onSent = () => {};
    this.sent = false;
    form.addEventListener("change", (event) => {
      this.#changed();
      if (event.target.name !== "verdict") return;
      if (!this.chosen()) announce(gettext("No verdict is chosen."));
      requestAnimationFrame(() => form.scrollIntoView({ block: "nearest" }));
    });
    form.querySelector("[data-none]").addEventListener("click", () => takeBack(this.chosen()));
    form.addEventListener("keydown", (event) => event.key === "Escape" && event.target.matches("[name=verdict]:checked") && takeBack(event.target));
    this.#changed();
    form.addEventListener("submit", () => {
      form.elements.opened.value = [...viewer.seen].sort((one, other) => one - other).join();
    });
    form.addEventListener("submit", (event) => this.#submitted(event));
    // A draft after the verdict would come too late, and hold the verdict up.
    form.addEventListener("htmx:beforeRequest", (event) => this.sent && event.preventDefault());
    // By the answer itself: a browser may take its time to tell that a dialog has closed.
    this.dialog.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value === "yes") this.#send();
    });
    this.explanation.addEventListener("keydown", (event) => this.#keyInExplanation(event));
    addEventListener("pageshow", (event) => event.persisted && this.reopen(), { signal });
  }

  chosen() {
    return this.form.querySelector("[name=verdict]:checked");
  }

  reason(digit) {
    this.#part()?.querySelector(`[data-digit="${digit}"]`)?.click();
  }

  explain() {
    if (this.chosen()) this.explanation.focus();
    else this.form.reportValidity(); // what is typed next would be keys: it is said that an outcome comes first
  }

  // What is chosen; else, where there is something to stand by, that: but not from anywhere on the page.
  submit() {
    const button = this.form.querySelector(this.chosen() ? "[data-submit-next]" : "[data-keep]");
    if (button?.matches("[data-keep]") && !this.form.contains(document.activeElement)) this.compare();
    else if (button) this.form.requestSubmit(button);
  }

  // Where the model's view has just come beside the first answer, that is what is read next.
  compare() {
    this.form.querySelector("[data-comparison]")?.focus();
  }

  // A page that comes whole begins where its reader left off: at the comparison, or at the verdict that was undone.
  meet() {
    if (location.hash === `#${this.form.id}`) {
      history.replaceState(null, "", location.pathname);
      (this.chosen() ?? this.form).focus();
    } else if (document.activeElement === document.body) this.compare();
  }

  // The reasons of the chosen verdict.
  #part() {
    const chosen = this.chosen();
    return chosen && this.form.querySelector(`[data-for="${CSS.escape(chosen.value)}"]`);
  }

  #changed() {
    this.explanation.required = this.chosen()?.dataset.explain !== undefined;
    this.form.elements.confirmed.value = "";
    this.problem.hidden = true;
  }

  #keyInExplanation(event) {
    if (event.key === "Escape") (this.chosen() ?? this.form).focus();
  }

  #submitted(event) {
    if (this.sent) return event.preventDefault();
    if (event.submitter?.name === "keeps") this.form.elements.confirmed.value = "yes"; // it was asked about before
    if (!this.form.elements.confirmed.value) {
      if (!this.#complete() || this.#asks(event.submitter)) return event.preventDefault();
      this.form.elements.confirmed.value = "yes"; // nothing to ask: a form can't be sent anew while it is being sent
    }
    this.sent = true;
    this.onSent();
    setTimeout(() => this.#acts().forEach((button) => (button.disabled = true))); // once the form is read
  }

  #acts() {
    return this.form.querySelectorAll(".outcome-acts button");
  }

  reopen() {
    this.sent = false;
    this.form.elements.confirmed.value = "";
    this.#acts().forEach((button) => (button.disabled = false));
  }

  #complete() {
    const reasons = this.#reasons().length;
    const words =
      this.chosen().dataset.explain !== undefined && !reasons
        ? gettext("Choose at least one reason.")
        : this.#adverse() && reasons > 4
          ? gettext("Choose the four principal reasons at most.")
          : "";
    if (words) this.#part().querySelector("input")?.focus(); // leaves the explanation: that is a change too
    this.problem.textContent = words;
    this.problem.hidden = !words;
    return !words;
  }

  #adverse() {
    return this.chosen().dataset.adverse !== undefined;
  }

  // Opens the second question; false where there is nothing to ask.
  #asks(submitter) {
    const unsettled = this.fields.unsettled();
    if (this.chosen().dataset.atOnce !== undefined) return false; // nothing may delay it
    if (!this.#adverse() && !unsettled.length) return false;
    this.submitter = submitter;
    const part = (name) => this.dialog.querySelector(`[data-confirm-${name}]`);
    part("title").textContent = this.#adverse() ? gettext("This goes against the person the case is about") : gettext("Submit all the same?");
    part("adverse").hidden = !this.#adverse();
    part("reasons").replaceChildren(...this.#reasons());
    part("unsettled").hidden = !unsettled.length;
    part("unsettled").textContent = notSettled(unsettled);
    this.dialog.showModal();
    return true;
  }

  #reasons() {
    return [...this.#part().querySelectorAll("input:checked")].map((box) => {
      const item = document.createElement("li");
      item.textContent = box.parentElement.querySelector("span").textContent;
      return item;
    });
  }

  #send() {
    this.form.elements.confirmed.value = "yes";
    this.form.requestSubmit(this.submitter);
  }
}

function notSettled(names) {
  const words = ngettext("%(count)s field is not settled: %(names)s.", "%(count)s fields are not settled: %(names)s.", names.length);
  return interpolate(words, { count: names.length, names: names.join(", ") }, true);
}
