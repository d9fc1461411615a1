/** `live`: a person waits for the answer (a map); `batch`: nobody does (a seed). */
export type Priority = "live" | "batch";

/**
 * Live demand counts as there until this long after the last live request, ms. Who looks at a map stops for a second or two between two moves
 * of it: the next screenful then finds its reserve free, instead of waiting for batch attempts to end.
 */
export const LIVE_QUIET_MS = 5_000;

/** Of a limit of 32 batch leaves 8 free: a screenful of 20 to 30 tiles comes in three or four rounds, not one by one. */
const RESERVE_SHARE = 1 / 4;

/** Live attempts that may start one after the other while batch stands back for them; then batch has a turn. A ninth of all is batch's. */
export const LIVE_IN_A_ROW = 8;

/** How long a place is kept for batch when it is its turn, ms; it may have lost interest without a word. */
export const BATCH_TURN_MS = 250;

/**
 * Who goes first on one host. All calls return at once; time comes from outside.
 * - No live demand: batch may use everything.
 * - Live demand: batch may use the limit less a reserve (a quarter, 1 at least; none where the limit is 1).
 * - Live requests wait: what becomes free, place or permit of the rate, is theirs. After `LIVE_IN_A_ROW` of them batch has one turn, within
 *   its share, so neither starves.
 */
export class LiveFirst {
  /** Attempts under way. */
  inFlightLive = 0;
  inFlightBatch = 0;
  #liveWaiting = 0;
  #lastLiveMs = -Infinity;
  /** Live attempts started since batch was told to stand back; 0 while it has not been. */
  #inARow = 0;
  #isBatchHeld = false;
  /** Since when a place is kept for batch. */
  #keptSinceMs: number | null = null;

  get isBatchTurn(): boolean {
    return this.#inARow >= LIVE_IN_A_ROW;
  }

  /** Live requests wait, or one came within `LIVE_QUIET_MS`. */
  hasDemand(nowMs: number): boolean {
    return this.#liveWaiting > 0 || nowMs - this.#lastLiveMs < LIVE_QUIET_MS;
  }

  /** A live request begins to wait. */
  enter(nowMs: number): void {
    this.#liveWaiting += 1;
    this.#lastLiveMs = nowMs;
  }

  /** It waits no more. True when no other does. */
  leave(): boolean {
    this.#liveWaiting -= 1;
    return this.#liveWaiting === 0;
  }

  /**
   * Ms until batch may start while there is live demand; null = when live requests have gone before, or an attempt has ended.
   * @param limit attempts at a time
   * @param stuckBatch batch attempts that have given their place up
   */
  batchDelayMs(nowMs: number, limit: number, stuckBatch: number): number | null {
    const isWithinShare = this.inFlightBatch - stuckBatch < shareOfBatch(limit);
    if (this.#liveWaiting === 0) return isWithinShare ? 0 : this.#lastLiveMs + LIVE_QUIET_MS - nowMs;
    if (isWithinShare && this.isBatchTurn) return 0;
    if (isWithinShare) this.#isBatchHeld = true;
    return null;
  }

  /** Ms for which a place that is free is still kept for batch; to be asked only when there is one. */
  liveDelayMs(nowMs: number): number {
    if (!this.isBatchTurn) return 0;
    this.#keptSinceMs ??= nowMs;
    const leftMs = this.#keptSinceMs + BATCH_TURN_MS - nowMs;
    if (leftMs > 0) return leftMs;
    this.#endTurn();
    return 0;
  }

  /** An attempt starts. True when it is to be told to those who wait: a turn begins or ends with it. */
  begin(priority: Priority, nowMs: number): boolean {
    if (priority === "batch") {
      this.inFlightBatch += 1;
      const wasTurn = this.isBatchTurn;
      this.#endTurn();
      return wasTurn;
    }
    this.inFlightLive += 1;
    this.#lastLiveMs = nowMs;
    if (!this.#isBatchHeld) return false;
    this.#inARow += 1;
    return this.#inARow === LIVE_IN_A_ROW;
  }

  end(priority: Priority): void {
    if (priority === "batch") this.inFlightBatch -= 1;
    else this.inFlightLive -= 1;
  }

  #endTurn(): void {
    this.#inARow = 0;
    this.#isBatchHeld = false;
    this.#keptSinceMs = null;
  }
}

function shareOfBatch(limit: number): number {
  return limit === 1 ? 1 : limit - Math.max(1, Math.floor(limit * RESERVE_SHARE));
}
