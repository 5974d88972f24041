// The editor of a draft: what is typed is checked as one types, rows come and go, and a rule is tried on real cases.
import { Suggestions } from "./suggest.js";

const PAUSE = 350; // milliseconds without a key before the check
const LISTS = { rule: "rules", bound: "bounds", stratum: "samples.strata" };

export class Editor {
  constructor(form, page) {
    this.form = form;
    this.page = page;
    this.asked = 0;
    this.state = form.querySelector("[data-state]");
    this.blank = {};
    for (const list of form.querySelectorAll("[data-rows]")) this.#makeList(list);
    this.saved = "typed" in form.dataset ? "" : this.#sent();
    form.addEventListener("input", (event) => this.#typed(event));
    form.addEventListener("click", (event) => this.#clicked(event));
    form.addEventListener("submit", (event) => this.#save(event));
    window.addEventListener("beforeunload", (event) => this.#changed() && !this.leaving && event.preventDefault());
    page.querySelector("[data-ask]")?.addEventListener("submit", (event) => this.#asks(event));
    this.suggestions = new Suggestions(page.querySelector("#suggestions"), JSON.parse(page.querySelector("#vocabulary").textContent));
    for (const box of form.querySelectorAll("[data-expression]")) this.suggestions.serve(box);
    for (const slide of form.querySelectorAll("[data-slides]")) this.#bind(slide);
    this.#number();
  }

  // The last row of a list is an empty one: without it there is no place for more.
  #makeList(list) {
    const rows = [...list.querySelectorAll(":scope > [data-row]")];
    this.blank[list.dataset.rows] = rows.at(-1).cloneNode(true);
    if (list.dataset.rows === "rule") rows.at(-1).remove();
    for (const order of list.querySelectorAll("[name='rule-order']")) order.remove();
  }

  #sent() {
    return new URLSearchParams(new FormData(this.form)).toString();
  }

  #changed() {
    return this.#sent() !== this.saved;
  }

  #typed(event) {
    const slide = event.target.closest("[data-slides]");
    if (slide) {
      document.getElementById(slide.dataset.slides).value = slide.value;
      slide.classList.remove("unset");
    } else this.form.querySelector(`[data-slides="${CSS.escape(event.target.id)}"]`)?.follow?.();
    const list = event.target.closest("[data-rows]");
    if (list && list.dataset.rows !== "rule") this.#keepOneBlank(list);
    this.#soon();
  }

  #bind(slide) {
    const number = document.getElementById(slide.dataset.slides);
    slide.follow = () => {
      slide.value = Number(number.value.replace(",", ".")) || 0;
      slide.classList.toggle("unset", !(number.value || number.placeholder));
    };
    slide.follow();
  }

  #keepOneBlank(list) {
    const last = list.lastElementChild;
    if (!isBlank(last)) list.append(this.#fresh(list.dataset.rows));
  }

  // A new row; its ids are its own.
  #fresh(kind) {
    const row = this.blank[kind].cloneNode(true);
    const own = `-new-${(this.made = (this.made ?? 0) + 1)}`;
    for (const each of row.querySelectorAll("[id]")) each.id += own;
    for (const each of row.querySelectorAll("[for]")) each.htmlFor += own;
    for (const each of row.querySelectorAll("[aria-describedby]")) each.setAttribute("aria-describedby", each.getAttribute("aria-describedby") + own);
    for (const order of row.querySelectorAll("[name='rule-order']")) order.closest(".rule-order").remove();
    return row;
  }

  #clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-add]")) this.#add();
    else if (button.matches("[data-remove]")) this.#remove(button.closest("[data-row]"));
    else if (button.matches("[data-move]")) this.#move(button);
    else if (button.matches("[data-try]")) this.#try(event, button);
  }

  #add() {
    const row = this.#fresh("rule");
    this.form.querySelector("[data-rows=rule]").append(row);
    this.suggestions.serve(row.querySelector("[data-expression]"));
    row.querySelector("input").focus();
    this.#number();
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("input") ?? this.form.querySelector("[data-add]")).focus();
    this.#number();
    this.#soon();
  }

  #move(button) {
    const row = button.closest("[data-row]");
    if (button.dataset.move === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    button.focus();
    this.#number();
    this.#soon();
  }

  // Each control of a row is told its place in the policy: empty rows have none.
  #number() {
    for (const list of this.form.querySelectorAll("[data-rows]")) {
      let place = 0;
      for (const row of list.children) {
        const here = isBlank(row) ? "" : String(place++);
        for (const control of row.querySelectorAll("[data-path]")) {
          control.dataset.path = `${LISTS[list.dataset.rows]}.${here}.${control.dataset.path.split(".").at(-1)}`;
        }
        const trying = row.querySelector("[data-try]");
        if (trying) trying.value = here;
      }
    }
  }

  #soon() {
    const unsaved = this.#changed();
    this.state.textContent = unsaved ? gettext("Not saved yet") : "";
    this.page.querySelector("[data-unsaved]")?.toggleAttribute("hidden", !unsaved);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), PAUSE);
  }

  // Saved only by somebody who is still signed in: the page stays, with all that was typed, until they are again.
  async #save(event) {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const token = await freshToken(this.form.action);
    if (!token) return this.#notSaved();
    this.form.elements.csrfmiddlewaretoken.value = token;
    this.leaving = true;
    if (event.submitter?.hasAttribute("formaction")) this.form.action = event.submitter.formAction;
    this.form.submit();
  }

  #notSaved() {
    const words = gettext("Not saved: you are signed out, or there is no connection. What you typed stays here.");
    const link = Object.assign(document.createElement("a"), { href: document.getElementById("trouble").dataset.signIn, target: "_blank", textContent: gettext("Sign in in another window") });
    this.state.replaceChildren(words, " ", link);
  }

  #asks(event) {
    if (!this.#changed()) return;
    event.preventDefault();
    this.page.querySelector("[data-unsaved]").hidden = false;
    this.form.querySelector(".editor-foot .button-primary").focus();
  }

  // What the server says of what stands there now; an answer that a later question has overtaken is dropped.
  async check() {
    const asked = ++this.asked;
    this.#number();
    try {
      const answer = await fetch(this.form.dataset.check, { method: "POST", body: new FormData(this.form), redirect: "error" });
      if (!answer.ok || asked !== this.asked) return;
      this.#show(await answer.json());
    } catch {
      return; // it is checked again at the next key, and when it is saved
    }
  }

  #show({ mistakes, warnings, differences, toml, sized }) {
    for (const each of this.form.querySelectorAll("[data-wrong]")) each.textContent = "";
    for (const each of this.form.querySelectorAll(".field-warning")) each.remove();
    for (const each of this.form.querySelectorAll(".has-mistake")) each.classList.remove("has-mistake");
    for (const each of this.form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    const lost = mistakes.filter(([path, words]) => !this.#place(path, words));
    for (const [path, words] of warnings) this.#warn(path, words);
    this.form.querySelector(".warnings")?.remove();
    this.#listLost(lost);
    this.page.querySelector("[data-differences]").innerHTML = differences;
    if (toml) this.page.querySelector("[data-toml]").textContent = toml;
    if (sized) this.page.querySelector("[data-sized]").textContent = sized;
    this.page.toggleAttribute("data-mistaken", mistakes.length > 0);
  }

  #place(path, words) {
    const control = this.form.querySelector(`[data-path="${CSS.escape(path)}"]`);
    const line = control?.matches("[data-wrong]") ? control : control?.querySelector("[data-wrong]");
    if (!line) return false;
    line.textContent = words;
    control.classList.add("has-mistake");
    control.querySelector("input, textarea, select")?.setAttribute("aria-invalid", "true");
    return true;
  }

  #warn(path, words) {
    const line = Object.assign(document.createElement("p"), { className: "field-warning", textContent: words });
    this.form.querySelector(`[data-path="${CSS.escape(path)}"]`)?.append(line);
  }

  #listLost(lost) {
    const list = Object.assign(document.createElement("ul"), { className: "errorlist nonfield" });
    list.append(...lost.map(([path, words]) => Object.assign(document.createElement("li"), { textContent: path ? `${path}: ${words}` : words })));
    this.form.querySelector("[data-unplaced]").replaceChildren(...(lost.length ? [list] : []));
  }

  async #try(event, button) {
    event.preventDefault();
    this.#number();
    const shown = button.closest("[data-rule]").querySelector("[data-tried]");
    const sent = new FormData(this.form);
    sent.set("try", button.value);
    shown.textContent = gettext("Trying it on the last cases…");
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: sent, headers: { "In-Place": "rule" }, redirect: "error" });
      shown.innerHTML = answer.ok ? await answer.text() : "";
      if (!answer.ok) shown.textContent = gettext("It could not be tried. Try again.");
    } catch {
      shown.textContent = gettext("It could not be tried. Try again.");
    }
  }
}

// The form's token for whoever is signed in now; undefined where nobody is, or nothing answers.
async function freshToken(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    return page ? page.querySelector("[name=csrfmiddlewaretoken]")?.value : undefined;
  } catch {
    return undefined;
  }
}

// Whether nothing is entered in a row; a queue alone is chosen, not entered.
function isBlank(row) {
  return [...row.querySelectorAll("input, textarea, select")].every((each) => /-queue$|-order$/.test(each.name) || !each.value.trim());
}

for (const form of document.querySelectorAll("[data-editor]")) new Editor(form, form.closest(".editor"));
