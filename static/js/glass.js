// A case that is read in an emergency: how long that lasts, and away from it when it is over.
const SECOND = 1000;
const banner = document.querySelector("[data-glass]");

function tick(until) {
  const left = until - Date.now();
  if (left <= 0) return location.replace("/glass/");
  const minutes = Math.ceil(left / (60 * SECOND));
  const words = ngettext("%(minutes)s minute left", "%(minutes)s minutes left", minutes);
  banner.querySelector("[data-glass-left]").textContent = interpolate(words, { minutes }, true);
  setTimeout(() => tick(until), Math.min(left, 10 * SECOND));
}

if (banner) tick(Date.now() + Number(banner.dataset.glass) * SECOND);
