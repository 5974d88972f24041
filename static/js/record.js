// The record: papers and the fields as read, with the keys that only look.
import { Fields } from "./fields.js";
import { viewerKeys, wireKeys } from "./keys.js";
import { Viewer } from "./viewer.js";

const { signal } = new AbortController(); // the page ends all of it
const viewer = new Viewer(document.querySelector("[data-viewer]"), signal);
const fields = new Fields(document.querySelector("[data-fields]"), viewer, signal);

wireKeys({ ...viewerKeys(viewer, fields) }, signal);
