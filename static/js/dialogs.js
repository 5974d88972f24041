// Native dialogs, opened and closed by buttons that name them. A dialog hears "opening" before it shows.
export function wireDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    opener?.closest("details.menu")?.querySelector("summary").focus(); // where to come back to, once the menu is shut
    if (opener) openDialog(document.getElementById(opener.dataset.openDialog));
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
  });
}

export function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.dispatchEvent(new Event("opening"));
  dialog.showModal();
}
