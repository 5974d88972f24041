// Says a sentence to screen readers, without moving anybody's focus.
const region = document.getElementById("announcer");

export function announce(words) {
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = words;
  });
}
