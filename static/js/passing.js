// What the house said back goes by itself where the page is full: there it stands over the case.
import { watchUndo } from "./undo.js";

const MILLISECONDS = 8000;

export function letPass() {
  watchUndo();
  const passing = document.querySelector(".workbench-page .messages-list");
  if (passing) setTimeout(() => passing.remove(), MILLISECONDS);
}
