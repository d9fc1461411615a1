import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemClock, type Clock } from "../../core/index.ts";
import { Ticker } from "../jobs/ticker.ts";

/** Delays of the event loop since they were last forgotten, ns. */
export interface LoopDelays {
  percentile(percent: number): number;
  reset(): void;
  enable(): unknown;
  disable(): unknown;
}

/** Between two looks of the platform at the event loop, ms; what it tells is this much too high. */
const RESOLUTION_MS = 20;
const EVERY_MS = 1_000;

/** How late the event loop has been in the last full second. The server takes the reading, so whoever asks, and how often, changes nothing. */
export class LagMeter {
  readonly #delays: LoopDelays;
  readonly #ticker: Ticker;
  #lagMs = 0;

  constructor({ clock = systemClock, delays }: { clock?: Clock; delays?: LoopDelays } = {}) {
    this.#delays = delays ?? monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#ticker = new Ticker(clock, EVERY_MS, () => this.#read());
  }

  /** 99 % of the looks of that second were less late than this, ms. */
  get lagMs(): number {
    return this.#lagMs;
  }

  start(): void {
    this.#delays.enable();
    this.#ticker.start();
  }

  stop(): void {
    this.#ticker.stop();
    this.#delays.disable();
  }

  #read(): void {
    const ms = this.#delays.percentile(99) / 1e6 - RESOLUTION_MS;
    // Without a look in that second there is no number.
    this.#lagMs = Number.isFinite(ms) ? Math.max(0, ms) : 0;
    this.#delays.reset();
  }
}
