// What every page has.
import { watchAlarm } from "./alarm.js";
import { quickChoices } from "./choices.js";
import { watchConnection } from "./connection.js";
import { wireDialogs } from "./dialogs.js";
import { tidyKept } from "./kept.js";
import { wireKeys } from "./keys.js";
import { wireMenu } from "./menus.js";
import { wireOverlay } from "./overlay.js";
import { wirePalette } from "./palette.js";
import { letPass } from "./passing.js";
import { watchPlace } from "./place.js";

document.querySelectorAll("details.menu").forEach(wireMenu);
document.querySelectorAll("[data-choices]").forEach(quickChoices);
document.querySelectorAll("[data-overlay]").forEach(wireOverlay);
document.querySelectorAll("[data-palette]").forEach(wirePalette);
wireDialogs();
wireKeys();
watchConnection();
watchAlarm();
tidyKept();
watchPlace();
letPass();

document.querySelector(".entrance-sheet input:not([type=hidden])")?.focus();
