// What the house said back goes by itself where the page is full: there it stands over the case.
const MILLISECONDS = 8000;

export function letPass() {
  const passing = document.querySelector(".workbench-page .messages");
  if (passing) setTimeout(() => (passing.hidden = true), MILLISECONDS);
}
