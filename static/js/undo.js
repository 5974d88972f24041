// The last verdict can be undone for some seconds. They run down here, and the offer goes with them.
import { announce } from "./announce.js";

const { gettext } = window;
const TICK = 200; // milliseconds
const AFTER_THE_PAGE = 1500; // what the page itself says comes first

export function watchUndo() {
  const bar = document.querySelector("[data-undo]");
  if (!bar || bar.dataset.watched) return;
  bar.dataset.watched = "yes";
  const end = performance.now() + Number(bar.dataset.seconds) * 1000;
  const left = bar.querySelector("[data-undo-left]");
  const timer = setInterval(() => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    left.textContent = `${Math.max(0, seconds)} s`;
    if (seconds > 0 && bar.isConnected) return;
    clearInterval(timer);
    takeAway(bar);
  }, TICK);
  const words = bar.querySelector("[data-undo-words]").textContent;
  setTimeout(() => bar.isConnected && announce(`${words} ${gettext("You can undo this for a few seconds.")}`), AFTER_THE_PAGE);
}

function takeAway(bar) {
  if (bar.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
  bar.remove();
}
