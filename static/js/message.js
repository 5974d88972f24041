// The message: the lines under its words can be put away, so that nothing stands between them and their reader.

export class Message {
  constructor(root, signal) {
    this.root = root.querySelector("[data-message]");
    const button = this.root?.querySelector("[data-words]");
    button?.addEventListener("click", () => {
      button.ariaPressed = String(this.root.classList.toggle("message-lined"));
    });
    if (this.root) this.#wireNotes(root, signal);
  }

  // A note leads to its words and back: what it leads to has the keyboard, and is in view.
  #wireNotes(root, signal) {
    const follow = (event) => {
      const link = event.target.closest("a[href^='#said-'], a[href^='#flag-'], a[href^='#mention-']");
      const there = link && document.getElementById(link.hash.slice(1));
      if (!there) return;
      event.preventDefault();
      there.focus({ preventScroll: true });
      there.scrollIntoView({ block: "center" });
    };
    root.addEventListener("click", follow, { signal });
  }
}
