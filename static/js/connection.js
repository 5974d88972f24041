// The line that says the connection is gone, and the end of it.
import { announce } from "./announce.js";

const line = document.getElementById("offline");

export function showConnection(connected) {
  if (!line || line.hidden === connected) return;
  line.hidden = connected;
  if (connected) announce("The connection is back.");
}

export function watchConnection() {
  addEventListener("offline", () => showConnection(false));
  addEventListener("online", () => showConnection(true));
  document.addEventListener("htmx:sendError", () => showConnection(false));
  document.addEventListener("htmx:afterOnLoad", () => showConnection(true));
  if (!navigator.onLine) showConnection(false);
}
