// What every page has.
import { watchConnection } from "./connection.js";
import { wireDialogs } from "./dialogs.js";
import { tidyKept } from "./kept.js";
import { wireKeys } from "./keys.js";
import { wireMenu } from "./menus.js";
import { letPass } from "./passing.js";
import { watchPlace } from "./place.js";
import { quickTheme } from "./theme.js";

document.querySelectorAll("details.menu").forEach(wireMenu);
document.querySelectorAll("[data-theme-form]").forEach(quickTheme);
wireDialogs();
wireKeys();
watchConnection();
tidyKept();
watchPlace();
letPass();

document.querySelector(".entrance-sheet input:not([type=hidden])")?.focus();
