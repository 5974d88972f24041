// The line under the header: the connection is gone, the session has ended, or something was not saved.
import { announce } from "./announce.js";

const line = document.getElementById("trouble");
const AGAIN_MILLISECONDS = 5000;
const AS_CHANGED = Symbol("as changed"); // sent because something in it changed, by no button
const OFFLINE = gettext("No connection. What you have typed stays on this page and is sent once the connection is back.");
const UNSAVED = gettext("That was not saved. Try once more, or load the page again.");
const SIGNED_OUT = gettext("You were signed out. Sign in again; what you typed is kept.");

export function showConnection(connected) {
  if (!connected) show(OFFLINE);
  else if (!waiting.size) hide();
}

export function showUnsaved() {
  show(UNSAVED);
}

function signInAddress() {
  return `${line.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
}

// To the sign-in page, which leads back here.
export function signIn() {
  location.assign(signInAddress());
}

// Says that the session has ended, and leaves it to the person when to sign in again.
export function showSignedOut() {
  const link = document.createElement("a");
  link.href = signInAddress();
  link.textContent = gettext("Sign in");
  if (show(SIGNED_OUT)) line.append(" ", link);
}

function show(words) {
  if (!line || (!line.hidden && line.textContent.startsWith(words))) return false;
  line.textContent = words;
  line.hidden = false;
  return true;
}

function hide() {
  if (!line || line.hidden) return;
  line.hidden = true;
  announce(gettext("All is well again."));
}

// Forms whose last sending failed, with the button that sent each.
const waiting = new Map();

function note({ elt, requestConfig }) {
  const event = requestConfig.triggeringEvent;
  if (elt.matches("form[method=post]")) waiting.set(elt, event?.type === "submit" ? event.submitter : AS_CHANGED);
}

function sendAgain() {
  if (!waiting.size) return hide();
  for (const [form, submitter] of waiting) {
    if (!form.isConnected) waiting.delete(form);
    else if (submitter === AS_CHANGED) htmx.trigger(form, "change");
    else form.requestSubmit(submitter);
  }
}

export function watchConnection() {
  addEventListener("offline", () => showConnection(false));
  addEventListener("online", sendAgain);
  document.addEventListener("htmx:sendError", ({ detail }) => {
    note(detail);
    showConnection(false);
    if (navigator.onLine) setTimeout(sendAgain, AGAIN_MILLISECONDS);
  });
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    if (detail.xhr.status >= 500 || detail.xhr.status === 401) return;
    waiting.delete(detail.requestConfig.elt);
    if (!waiting.size) hide();
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 401) showSignedOut();
    else if (detail.xhr.status !== 409) {
      note(detail);
      showUnsaved();
    }
  });
  if (!navigator.onLine) showConnection(false);
}
