// The images of the pages, each in the size that is looked at: a smaller one to begin with, the page's own once it is
// zoomed beyond that, and the smaller one again when the page is far from view.
const CLOSE_ENOUGH = 0.85; // of the pixels on the screen: what an image must have to look sharp
const PAUSE = 120; // milliseconds after the last zooming
const NEAR = "75% 0px"; // of the view's height, above and below

export class Pictures {
  constructor(viewer, signal) {
    this.signal = signal;
    this.near = new Set();
    this.timer = 0;
    const observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.#moved(entry)), {
      root: viewer.pages,
      rootMargin: NEAR,
    });
    for (const sheet of viewer.sheets) {
      if (!sheet.querySelector("[data-paper]")) continue;
      watchArrival(sheet);
      observer.observe(sheet);
    }
    signal.addEventListener("abort", () => {
      observer.disconnect();
      clearTimeout(this.timer);
    });
  }

  fitSoon() {
    clearTimeout(this.timer);
    if (!this.signal.aborted) this.timer = setTimeout(() => this.near.forEach(fit), PAUSE);
  }

  #moved({ target, isIntersecting }) {
    if (isIntersecting) {
      this.near.add(target);
      this.fitSoon();
    } else if (this.near.delete(target)) {
      leave(target);
    }
  }
}

const imageOf = (sheet) => sheet.querySelector("[data-paper] img");

// Puts the page's own image in place of the smaller one where that has too few pixels; only once it is decoded, so that
// the page is never empty.
async function fit(sheet) {
  const paper = sheet.querySelector("[data-paper]");
  const image = imageOf(sheet);
  const { screenWidth, full } = paper.dataset;
  const needed = paper.offsetWidth * devicePixelRatio * CLOSE_ENOUGH;
  if (needed <= Number(screenWidth) || image.dataset.screen || sheet.dataset.fetching) return;
  sheet.dataset.fetching = "";
  const larger = image.cloneNode();
  larger.loading = "eager";
  larger.dataset.screen = image.getAttribute("src");
  larger.src = full;
  try {
    await larger.decode();
    if (image.isConnected) image.replaceWith(larger);
  } catch {
    // The smaller one stays.
  } finally {
    delete sheet.dataset.fetching;
  }
}

// Far from view the smaller image is enough, and a dozen pages stay light.
function leave(sheet) {
  const image = imageOf(sheet);
  if (!image.dataset.screen) return;
  const smaller = image.cloneNode();
  smaller.src = image.dataset.screen;
  delete smaller.dataset.screen;
  image.replaceWith(smaller);
}

// Boxes stand over an image, never over nothing; one that does not come is said, and asked for again. Load and error
// do not bubble, but they are captured on their way down.
function watchArrival(sheet) {
  const frame = sheet.querySelector("[data-frame]");
  const failed = sheet.querySelector("[data-failed]");
  const show = (came) => {
    frame.hidden = !came;
    failed.hidden = came;
    frame.classList.toggle("sheet-empty", !came);
  };
  const first = imageOf(sheet);
  frame.classList.toggle("sheet-empty", !first.naturalWidth);
  if (first.complete && !first.naturalWidth && first.loading !== "lazy") show(false);
  const heard = (event) => event.target.matches("img") && show(event.type === "load"); // a drawing loads too
  for (const kind of ["load", "error"]) frame.addEventListener(kind, heard, { capture: true });
  failed.querySelector("[data-retry]").addEventListener("click", () => {
    const image = imageOf(sheet);
    image.loading = "eager"; // a hidden one would wait to be seen
    image.src = `${image.src.split("?")[0]}?again=${Date.now()}`;
  });
}
