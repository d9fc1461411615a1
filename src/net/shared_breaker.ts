import { Breaker, type BreakerOptions, type BreakerState, type HostBreaker } from "./breaker.ts";
import type { HostShare } from "./host_share.ts";

/** The breaker of a host that many processes ask: each counts its own failures, and all share what follows from them. */
export class SharedBreaker implements HostBreaker {
  readonly #share: HostShare;
  readonly #options: BreakerOptions;
  /** Only ever closed: it watches the failures of this process. */
  #window: Breaker;

  constructor(share: HostShare, options: BreakerOptions) {
    this.#share = share;
    this.#options = options;
    this.#window = new Breaker(options);
  }

  get state(): BreakerState {
    return this.#share.status.breaker;
  }

  get dead(): boolean {
    return this.#share.status.dead;
  }

  /** The share's own delay holds this one. */
  delayMs(): number {
    return 0;
  }

  enter(): boolean {
    return this.#share.begin();
  }

  onSuccess(probe: boolean): void {
    if (probe) this.#share.endProbe("good");
    else if (this.state === "closed") this.#window.onSuccess(false);
  }

  onFailure(probe: boolean): void {
    if (probe) return this.#share.endProbe("bad");
    // Answers to what was started before it opened say nothing new.
    if (this.state !== "closed") return;
    this.#window.onFailure(false);
    if (this.#window.state === "closed") return;
    this.#window = new Breaker(this.#options);
    this.#share.trip();
  }

  onNeutral(probe: boolean): void {
    if (probe) this.#share.endProbe("nothing");
  }
}
