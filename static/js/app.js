// What every page has.
import { watchConnection } from "./connection.js";
import { wireDialogs } from "./dialogs.js";
import { tidyKept } from "./kept.js";
import { wireMenu } from "./menus.js";
import { quickTheme } from "./theme.js";

document.querySelectorAll("details.menu").forEach(wireMenu);
document.querySelectorAll("[data-theme-form]").forEach(quickTheme);
wireDialogs();
watchConnection();
tidyKept();

const passing = document.querySelector(".workbench-page .messages");
if (passing) setTimeout(() => passing.remove(), 8000);

document.querySelector(".entrance-sheet input:not([type=hidden])")?.focus();
