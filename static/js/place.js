// Where this page is: cases follow each other in it without a page load, so the history is kept by hand.
let here = location.pathname;

export function moveTo(address) {
  if (address === here) return;
  here = address;
  history.pushState(null, "", address);
}

// Back and forward ask the server for what there is now: never a form that was sent, never a page of before.
export function watchPlace() {
  addEventListener("popstate", () => location.pathname !== here && location.reload());
}
