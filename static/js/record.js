// The record: papers and the fields as read, with the keys that only look.
import { offer } from "./acts.js";
import { Fields } from "./fields.js";
import { Guidance } from "./guidance.js";
import { lookingActs } from "./keys.js";
import { Search } from "./search.js";
import { Viewer } from "./viewer.js";

const { signal } = new AbortController(); // the page ends all of it
const viewer = new Viewer(document.querySelector("[data-viewer]"), signal);
const fields = new Fields(document.querySelector("[data-fields]"), viewer, signal);

new Search(viewer, signal);
new Guidance(document, signal);
offer(lookingActs(viewer, fields), signal);
