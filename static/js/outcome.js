// The verdict: chosen by key, and an adverse one asked about a second time before anything is sent.
export class Outcome {
  constructor(form, viewer) {
    this.form = form;
    this.dialog = document.getElementById("confirm");
    this.explanation = form.querySelector("[data-explanation]");
    form.addEventListener("change", () => this.#require());
    this.#require();
    form.addEventListener("submit", () => {
      form.elements.opened.value = [...viewer.seen].sort((one, other) => one - other).join();
    });
    form.addEventListener("submit", (event) => this.#ask(event));
    this.dialog?.addEventListener("close", () => this.#answered());
  }

  keys() {
    return [...this.form.querySelectorAll("[name=verdict]")].map((radio) => radio.dataset.key);
  }

  choose(key) {
    const radio = this.form.querySelector(`[name=verdict][data-key="${CSS.escape(key)}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    radio.focus();
  }

  chosen() {
    return this.form.querySelector("[name=verdict]:checked");
  }

  reason(digit) {
    const chosen = this.chosen();
    if (!chosen) return;
    this.form.querySelector(`[data-for="${CSS.escape(chosen.value)}"] [data-digit="${digit}"]`)?.click();
  }

  submit() {
    if (this.chosen()) this.form.requestSubmit(this.form.querySelector("[data-submit-next]"));
  }

  #require() {
    this.explanation.required = this.chosen()?.dataset.explain !== undefined;
  }

  #ask(event) {
    const chosen = this.chosen();
    if (!this.dialog || chosen?.dataset.adverse === undefined || this.form.elements.confirmed.value) return;
    event.preventDefault();
    this.submitter = event.submitter;
    this.dialog.querySelector("[data-confirm-reasons]").replaceChildren(...this.#reasons(chosen.value));
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  #reasons(outcome) {
    const boxes = this.form.querySelectorAll(`[data-for="${CSS.escape(outcome)}"] :checked`);
    return [...boxes].map((box) => {
      const item = document.createElement("li");
      item.textContent = box.parentElement.querySelector("span").textContent;
      return item;
    });
  }

  #answered() {
    if (this.dialog.returnValue !== "yes") return;
    this.form.elements.confirmed.value = "yes";
    this.form.requestSubmit(this.submitter);
  }
}
