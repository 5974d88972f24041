// The line under the header: the connection is gone, or something could not be saved.
import { announce } from "./announce.js";

const line = document.getElementById("trouble");

export function showConnection(connected) {
  if (connected) hide();
  else show("No connection. What you have typed stays on this page; send it again once the connection is back.");
}

function show(words) {
  if (!line || (!line.hidden && line.textContent === words)) return;
  line.textContent = words;
  line.hidden = false;
}

function hide() {
  if (!line || line.hidden) return;
  line.hidden = true;
  announce("All is well again.");
}

export function watchConnection() {
  addEventListener("offline", () => showConnection(false));
  addEventListener("online", () => showConnection(true));
  document.addEventListener("htmx:sendError", () => showConnection(false));
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status < 500) hide();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 409) show("That was not saved. Try once more, or load the page again.");
  });
  if (!navigator.onLine) showConnection(false);
}
