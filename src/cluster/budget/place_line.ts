/** Attempts of this worker under way, and the places that it has for them. */
export class PlaceLine {
  /** null: not bounded. */
  granted: number | null = null;
  inFlight = 0;
  /** Most at a time since it was last asked for more. */
  #peak = 0;
  /** Somebody found them all taken, and they have been since. */
  #isShort = true;
  #asked = 0;

  /** Whether an attempt may start. @param wanted attempts that would be under way at a time */
  hasRoom(wanted: number): boolean {
    if (this.granted === null || this.inFlight < this.granted) return true;
    this.#isShort ||= wanted > this.inFlight;
    return false;
  }

  /** More are wanted than were asked for last. */
  wantsMore(wanted: number): boolean {
    return wanted > this.#asked;
  }

  begin(): void {
    this.inFlight += 1;
    this.#peak = Math.max(this.#peak, this.inFlight);
    if (this.granted === null || this.inFlight < this.granted) this.#isShort = false;
  }

  /** @returns whether that gives back a place which the book still counts as this worker's */
  end(): boolean {
    const wasOver = this.granted !== null && this.inFlight > this.granted;
    this.inFlight -= 1;
    return wasOver;
  }

  /** What to ask for; from here on no more is held than that. @param wanted null: nothing waits here */
  ask(wanted: number | null): { wants: number; holds: number } {
    const wants = this.#wants(wanted);
    if (this.granted !== null) this.granted = Math.min(this.granted, Math.max(wants, this.inFlight));
    this.#asked = wants;
    this.#peak = this.inFlight;
    return { wants, holds: this.holds };
  }

  get holds(): number {
    return Math.max(this.granted ?? 0, this.inFlight);
  }

  /** They are no longer this worker's: it was out of touch for too long. */
  lose(): void {
    this.granted = 0;
    this.#isShort = true;
    this.#asked = 0;
  }

  #wants(wanted: number | null): number {
    if (wanted === null) return this.inFlight;
    return this.#isShort ? Math.max(1, wanted) : Math.max(1, Math.min(wanted, this.#peak));
  }
}
