// Guidance beside the case: opened and closed by one key or button, and it follows the verdict as it is chosen.
import { announce } from "./announce.js";

const { gettext, interpolate } = window;
const typing = "textarea, select, input:not([type=radio], [type=checkbox])";

export class Guidance {
  constructor(root, signal) {
    this.root = root;
    this.panel = root.querySelector("[data-guidance]");
    if (!this.panel) return;
    for (const opener of this.#openers()) {
      opener.setAttribute("role", "button");
      opener.setAttribute("aria-expanded", "false");
      opener.addEventListener("click", (event) => this.#toggled(event), { signal });
    }
    this.panel.querySelector("[data-guidance-close]").addEventListener("click", () => this.close(), { signal });
    root.querySelector("[data-outcome]")?.addEventListener("change", () => this.#follow(), { signal });
    document.addEventListener("keydown", (event) => this.#escaped(event), { signal });
    this.#follow();
  }

  open() {
    this.from = document.activeElement;
    this.#show(true);
    this.panel.focus({ preventScroll: true });
    this.panel.querySelector("[data-chosen]")?.scrollIntoView({ block: "nearest" });
  }

  // Closes the panel; whoever was in it is back where they came from.
  close() {
    const inside = this.panel.contains(document.activeElement);
    this.#show(false);
    if (inside) this.from?.focus({ preventScroll: true });
    announce(gettext("Guidance closed."));
  }

  #openers() {
    return this.root.querySelectorAll('[data-act="guidance"]');
  }

  #show(shown) {
    this.panel.hidden = !shown;
    for (const opener of this.#openers()) opener.setAttribute("aria-expanded", String(shown));
  }

  #toggled(event) {
    event.preventDefault();
    if (this.panel.hidden) this.open();
    else this.close();
  }

  #escaped(event) {
    if (event.key !== "Escape" || event.defaultPrevented || this.panel.hidden) return;
    if (event.target.closest(typing) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.close();
  }

  // Shows the reasons of the outcome that is chosen, those that are ticked unfolded.
  #follow() {
    const outcome = this.root.querySelector("[name=verdict]:checked")?.value;
    for (const section of this.panel.querySelectorAll("[data-guidance-outcome]")) {
      const name = section.dataset.guidanceOutcome;
      section.hidden = Boolean(outcome) && name !== outcome;
      for (const reason of section.querySelectorAll("[data-guidance-reason]")) this.#mark(reason, name);
    }
  }

  #mark(reason, outcome) {
    const name = CSS.escape(`reason:${outcome}`);
    const code = CSS.escape(reason.dataset.guidanceReason);
    const ticked = this.root.querySelector(`[name="${name}"][value="${code}"]`)?.checked ?? false;
    if (ticked === reason.hasAttribute("data-chosen")) return;
    reason.toggleAttribute("data-chosen", ticked);
    reason.open = ticked;
    if (ticked && !this.panel.hidden) {
      const said = { reason: reason.querySelector("summary").firstChild.textContent.trim() };
      announce(interpolate(gettext("Guidance shown: %(reason)s"), said, true));
    }
  }
}
