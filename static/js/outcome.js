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
      form.elements.opened.value = viewer.glances.text();
    });
    form.addEventListener("submit", (event) => this.#submitted(event));
    // A draft after the verdict would come too late, and hold the verdict up.
    form.addEventListener("htmx:beforeRequest", (event) => this.sent && event.preventDefault());
    // By the answer itself: a browser may take its time to tell that a dialog has closed.
    this.dialog.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value === "yes") this.#send();
      else this.#forget();
    });
    this.dialog.addEventListener("cancel", () => this.#forget());
    this.dialog.addEventListener("keydown", (event) => this.#keyInSignature(event));
    form.addEventListener("formdata", ({ formData }) => this.#sign(formData));
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
    const keeps = event.submitter?.name === "keeps";
    if (keeps && !this.#signs(event.submitter)) this.form.elements.confirmed.value = "yes"; // it was asked about before
    if (!this.form.elements.confirmed.value) {
      if ((!keeps && !this.#complete()) || this.#asks(event.submitter)) return event.preventDefault();
      this.form.elements.confirmed.value = "yes"; // nothing to ask: a form can't be sent anew while it is being sent
    }
    this.sent = true;
    this.onSent();
    setTimeout(() => this.#acts().forEach((button) => (button.disabled = true))); // once the form is read
  }

  #acts() {
    return this.form.querySelectorAll(".outcome-acts button");
  }

  // The server did not take the signature: what is wrong is said beside it, and all that was entered stays.
  unsigned(problems) {
    this.#open(this.submitter);
    for (const place of this.#signature("[data-sign-problem]")) {
      place.textContent = problems[place.dataset.signProblem] ?? "";
      place.hidden = !place.textContent;
    }
    for (const control of this.#signature("[data-sign]")) control.toggleAttribute("aria-invalid", control.dataset.sign in problems);
    this.#signature("[aria-invalid]")[0]?.focus();
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
    if (this.#signs(submitter)) return this.#open(submitter);
    if (this.chosen().dataset.atOnce !== undefined) return false; // nothing may delay it
    return (this.#adverse() || this.fields.unsettled().length > 0) && this.#open(submitter);
  }

  // What is stood by was asked about before, and what counts at once is: both are only signed.
  #open(submitter) {
    this.submitter = submitter;
    const signs = this.#signs(submitter);
    const answered = submitter?.name === "keeps" || this.chosen().dataset.atOnce !== undefined;
    const adverse = !answered && this.#adverse();
    const unsettled = answered ? [] : this.fields.unsettled();
    const part = (name) => this.dialog.querySelector(`[data-confirm-${name}]`);
    part("title").textContent = titled(adverse, signs);
    part("adverse").hidden = !adverse;
    part("reasons").replaceChildren(...(adverse ? this.#reasons() : []));
    part("unsettled").hidden = !unsettled.length;
    part("unsettled").textContent = notSettled(unsettled);
    part("yes").textContent = signs ? gettext("Sign and submit") : gettext("Yes, this is my verdict");
    const yes = this.dialog.querySelector("[value=yes]");
    yes.classList.toggle("button-primary", signs && !adverse);
    yes.classList.toggle("button-danger", !signs || adverse);
    if (part("sign")) part("sign").hidden = !signs;
    for (const control of this.#signature("[data-sign]")) control.disabled = !signs;
    this.dialog.showModal();
    if (signs) this.#signature("[data-sign]")[0].focus();
    return true;
  }

  #signs(submitter) {
    return (submitter?.name === "keeps" ? submitter : this.chosen())?.dataset.signs !== undefined;
  }

  #signature(selector) {
    return [...this.dialog.querySelectorAll(`[data-confirm-sign] ${selector}`)];
  }

  // What proves who signs goes with the verdict alone: no draft has it, and nothing keeps it.
  #sign(formData) {
    if (!this.sent) return;
    for (const control of this.#signature("[data-sign]:enabled")) formData.set(control.name, control.value);
    this.#forget();
  }

  #forget() {
    for (const control of this.#signature("[data-sign]")) control.value = "";
  }

  // Enter signs: the dialog's first button would go back.
  #keyInSignature(event) {
    if (event.key !== "Enter" || !event.target.matches("[data-sign]") || event.isComposing) return;
    event.preventDefault();
    const form = this.dialog.querySelector("form");
    form.requestSubmit(form.querySelector("[value=yes]"));
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

function titled(adverse, signs) {
  if (adverse) return gettext("This goes against the person the case is about");
  return signs ? gettext("Sign your verdict") : gettext("Submit all the same?");
}

function notSettled(names) {
  const words = ngettext("%(count)s field is not settled: %(names)s.", "%(count)s fields are not settled: %(names)s.", names.length);
  return interpolate(words, { count: names.length, names: names.join(", ") }, true);
}
