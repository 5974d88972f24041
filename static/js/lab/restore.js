// Putting an earlier version back in a dialog: what the version's own page says, fetched into it.
import { openDialog } from "../dialogs.js";

const dialog = document.getElementById("restore-dialog");

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-restore]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { redirect: "error" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page && page.getElementById("restore");
  if (!part) return location.assign(link.href);
  dialog.replaceChildren(document.adoptNode(part));
  openDialog(dialog);
  part.querySelector("textarea")?.focus();
});
