// How long each page was in view, for the record: while the tab is shown, and somebody is there who moves or types.
const IDLE = 60_000; // milliseconds after the last sign of somebody that still count

export class Glances {
  constructor(signal) {
    this.spent = new Map(); // milliseconds by the page's number
    this.number = 0;
    this.since = this.active = performance.now();
    for (const sign of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      addEventListener(sign, () => this.#stir(), { passive: true, signal });
    }
    document.addEventListener("visibilitychange", () => this.turn(this.number), { signal });
  }

  // From now on this page is in view; what the one before was in view for is counted.
  turn(number) {
    const now = performance.now();
    const lasted = Math.min(now, this.active + IDLE) - this.since;
    if (this.number && !this.hidden && lasted > 0) this.spent.set(this.number, (this.spent.get(this.number) ?? 0) + lasted);
    this.number = number;
    this.since = now;
    this.hidden = document.hidden;
  }

  #stir() {
    const now = performance.now();
    if (now - this.active > IDLE) this.turn(this.number); // nobody was there for a while: that is not counted
    this.active = now;
  }

  // Page and seconds of each: 1:41,2:0
  text() {
    this.turn(this.number);
    const pages = [...this.spent].sort(([one], [other]) => one - other);
    return pages.map(([number, lasted]) => `${number}:${Math.round(lasted / 1000)}`).join();
  }
}
