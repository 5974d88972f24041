// Runs before the first paint, so that what only scripts can do is never shown without them.
document.documentElement.classList.add("has-script");
