// The record: papers and the fields as read, with the keys that only look.
import { offer } from "./acts.js";
import { Fields } from "./fields.js";
import { Guidance } from "./guidance.js";
import { lookingActs } from "./keys.js";
import { Message } from "./message.js";
import { Search } from "./search.js";
import { viewerOf } from "./viewer.js";

const { signal } = new AbortController(); // the page ends all of it
const viewer = viewerOf(document.querySelector("[data-viewer]"), signal);
const fields = new Fields(document.querySelector("[data-fields]") ?? document.createElement("section"), viewer, signal);

new Search(viewer, signal);
new Guidance(document, signal);
new Message(document, signal);
offer(lookingActs(viewer, fields), signal);
