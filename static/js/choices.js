// What a menu sets at once, without loading the page again; its form still stores the choice.
export function quickChoices(form) {
  form.addEventListener("submit", (event) => {
    const { name, value } = event.submitter ?? {};
    if (!value) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    document.documentElement.dataset[name] = value;
    for (const button of form.querySelectorAll(`[name="${name}"]`)) {
      button.setAttribute("aria-pressed", String(button.value === value));
    }
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
