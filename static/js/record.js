// The record: papers and the fields as read, with the keys that only look.
import { Fields } from "./fields.js";
import { viewerKeys, wireKeys } from "./keys.js";
import { Viewer } from "./viewer.js";

const viewer = new Viewer(document.querySelector("[data-viewer]"));
const fields = new Fields(document.querySelector("[data-fields]"), viewer);

wireKeys({ ...viewerKeys(viewer, fields) });
