// The hand on the pages: dragging moves them, the wheel with Ctrl zooms. Touch has both from the browser.

export function wireHand(viewer) {
  wirePanning(viewer.pages);
  wireWheel(viewer);
}

function wirePanning(pages) {
  let from = null;
  pages.addEventListener("dragstart", (event) => event.preventDefault()); // a box is a link, and not to be carried off
  pages.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.defaultPrevented) return;
    if (event.target.closest("a, button")) return;
    from = { x: event.clientX, y: event.clientY, left: pages.scrollLeft, top: pages.scrollTop };
    pages.setPointerCapture(event.pointerId);
    pages.classList.add("panning");
  });
  pages.addEventListener("pointermove", (event) => {
    if (from) pages.scrollTo({ left: from.left - (event.clientX - from.x), top: from.top - (event.clientY - from.y), behavior: "instant" });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pages.addEventListener(end, () => {
      from = null;
      pages.classList.remove("panning");
    });
  }
}

// Several turns of the wheel between two frames are one.
function wireWheel(viewer) {
  let turned = 0;
  viewer.pages.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = { x: event.clientX, y: event.clientY };
      if (!turned) {
        requestAnimationFrame(() => {
          const factor = Math.exp(-turned / 300);
          turned = 0;
          viewer.setZoom(viewer.zoom * factor, at);
        });
      }
      turned += event.deltaY || 0.001; // a turn of nothing is one too: the frame is asked for
    },
    { passive: false },
  );
}
