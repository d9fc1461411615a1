import type { Clock, Logger } from "../../core/index.ts";
import type { HostShare, HostShareStatus, ProbeResult } from "../../net/index.ts";
import { Asker } from "./asker.ts";
import { Demand } from "./demand.ts";
import type { BudgetAnswer, BudgetAsk, BudgetBook, BudgetNews, SharePolicy } from "./budget_book.ts";
import { KnownCondition } from "./known_condition.ts";
import { PermitLine } from "./permit_line.ts";
import { PlaceLine } from "./place_line.ts";

export interface LeasedShareOptions {
  readonly book: BudgetBook;
  readonly host: string;
  /** Names this share in the book. */
  readonly member: string;
  readonly policy: SharePolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** It begins to ask the book, or has given everything back and rests. */
  readonly onActive: (isActive: boolean) => void;
}

/** What was leased may be used for so long after the book was asked; it gives it to others after `MEMBER_MS`. */
export const LEASE_MS = 8000;
/** Members with places, and those that wait for a probe, ask so often; the others show that they live. */
const TURN_MS = 1000;
const HEARTBEAT_MS = 3000;
/** Permits of an answer that was under way for longer may be due long since. */
const SLOW_ANSWER_MS = 1000;
/** Who closes waits no longer for a book that cannot be reached. */
const LEAVE_MS = 2000;

/**
 * The share of one host, leased from the book ahead of its use. It asks
 * - when half of its permits are used or the last is due soon (first for 1, then for twice as many while none are lost),
 * - when more places are wanted than it has, and once a second while it has or wants some,
 * - when it is time for a probe, and when it has something to tell: a pause, a breaker that opens, what a probe found.
 * While the book cannot be reached it uses up what it has; after `LEASE_MS` nothing starts any more.
 */
export class LeasedShare implements HostShare {
  readonly host: string;
  readonly member: string;
  readonly #options: LeasedShareOptions;
  readonly #asker: Asker;
  readonly #condition = new KnownCondition();
  readonly #permits = new PermitLine();
  readonly #places = new PlaceLine();
  readonly #demand = new Demand();
  #isRated: boolean;
  #validUntilMs = -Infinity;
  #hasProbe = false;
  #isProbing = false;
  /** The change of the breaker since which a probe was asked for already. */
  #probeAskedAt = -1;
  /** The question under way. */
  #asked: BudgetAsk | null = null;
  #isActive = false;
  #isClosed = false;

  constructor(options: LeasedShareOptions) {
    const { host, member, policy, clock, logger, random } = options;
    this.host = host;
    this.member = member;
    this.#options = options;
    this.#isRated = policy.ratePerSecond !== null;
    if (policy.places !== null) this.#places.lose();
    this.#asker = new Asker({ clock, logger, host, random, send: (signal) => this.#send(signal) });
  }

  get status(): HostShareStatus {
    const now = this.#now;
    return {
      breaker: this.#condition.breaker(now),
      dead: this.#condition.isDead(now),
      pausedMs: this.#condition.pausedMs(now),
      places: this.#places.granted,
    };
  }

  delayMs(wanted: number): number | null {
    if (this.#isClosed) return null;
    const now = this.#now;
    this.#demand.note(wanted, now);
    const delayMs = this.#delayMs(now, wanted);
    if (delayMs === null) this.#demand.wait();
    return delayMs;
  }

  #delayMs(now: number, wanted: number): number | null {
    if (now > this.#validUntilMs) return this.#ask(this.#asked === null);
    const conditionMs = this.#condition.delayMs(now);
    if (conditionMs > 0) return conditionMs;
    if (this.#condition.breaker(now) === "halfOpen" && !this.#hasProbe)
      return this.#ask(this.#probeAskedAt !== this.#condition.breakerVersion);
    if (!this.#places.hasRoom(wanted)) return this.#ask(this.#places.wantsMore(wanted));
    if (!this.#isRated) return 0;
    const permitMs = this.#permits.delayMs(now);
    // Who gets one now may want no other: he asks again if he does.
    if (permitMs !== 0 && this.#permits.isShort(now)) this.#ask((this.#asked?.permits ?? 0) === 0);
    return permitMs;
  }

  /** null: who asked is called back. */
  #ask(isNew: boolean): null {
    if (isNew) this.#asker.askNow();
    return null;
  }

  begin(): boolean {
    this.#demand.touch(this.#now);
    this.#permits.take();
    this.#places.begin();
    if (!this.#hasProbe) return false;
    this.#hasProbe = false;
    this.#isProbing = true;
    return true;
  }

  end(): void {
    if (this.#places.end()) this.#asker.askNow();
  }

  endProbe(result: ProbeResult): void {
    this.#isProbing = false;
    this.#condition.endProbe(result);
    this.#asker.askNow();
  }

  pause(ms: number): void {
    this.#condition.pause(ms, this.#now);
    this.#permits.clear();
    this.#asker.askNow();
  }

  trip(): void {
    this.#condition.trip(this.#options.policy.openMs, this.#now);
    this.#permits.clear();
    this.#asker.askNow();
  }

  watch(watcher: () => void): () => void {
    return this.#demand.watch(watcher);
  }

  /** Something has changed for all, or a place is free for this one. */
  hear({ condition, next }: BudgetNews): void {
    if (!this.#isActive || this.#isClosed) return;
    const isNew = condition.version > this.#condition.version;
    if (isNew) this.#learn(condition);
    if (next.includes(this.member)) this.#asker.askNow();
    if (isNew) this.#demand.tell();
  }

  /** News may have been lost. */
  askAgain(): void {
    if (this.#isActive && !this.#isClosed) this.#asker.askNow();
  }

  /** Gives everything back; nothing may start any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#asker.stop();
    if (this.#isActive) await this.#leave();
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { book } = this.#options;
    const sentMs = this.#now;
    if (this.#isIdle(sentMs)) return this.#leave();
    this.#activate(true);
    const ask = this.#makeAsk(sentMs);
    this.#asked = ask;
    try {
      const answer = await book.ask(ask, { signal });
      this.#asked = null;
      this.#condition.onHeard(ask, sentMs);
      this.#take(answer, ask, sentMs);
    } finally {
      this.#asked = null;
    }
  }

  #makeAsk(now: number): BudgetAsk {
    const { host, member, policy } = this.#options;
    const isWanted = this.#demand.check(now);
    if (now > this.#validUntilMs) this.#forget();
    if (this.#hasProbe && !isWanted) this.#returnProbe();
    const isHalfOpen = this.#condition.breaker(now) === "halfOpen";
    if (isHalfOpen) this.#probeAskedAt = this.#condition.breakerVersion;
    return {
      host,
      member,
      policy,
      permits: this.#isRated && isWanted ? this.#permits.countWanted(now) : 0,
      ...this.#places.ask(isWanted ? this.#demand.wanted : null),
      wantsProbe: isHalfOpen && isWanted && !this.#isProbing,
      ...this.#condition.word(now),
    };
  }

  #take(answer: BudgetAnswer, ask: BudgetAsk, sentMs: number): void {
    const now = this.#now;
    const isCurrent = this.#learn(answer.condition);
    this.#isRated = answer.leaseSize !== null;
    this.#places.granted = answer.places;
    if (isCurrent && answer.probe) this.#hasProbe = true;
    const isUsable = isCurrent && now - sentMs <= SLOW_ANSWER_MS && !this.#condition.isUntold(now);
    if (answer.permits !== null && isUsable) this.#permits.add(answer.permits, ask.permits, answer.leaseSize ?? 1, now);
    this.#validUntilMs = sentMs + LEASE_MS;
    // The book still counts what was just given back.
    if (answer.places !== null && this.#places.holds < Math.max(ask.holds, answer.places)) this.#asker.askNow();
    this.#asker.askIn(this.#isTurn(ask) ? TURN_MS : HEARTBEAT_MS);
    this.#demand.tell();
  }

  #isTurn({ wants, wantsProbe }: BudgetAsk): boolean {
    return wantsProbe || this.#hasProbe || (this.#places.granted !== null && wants > 0);
  }

  /** @returns false for what is out of date */
  #learn(condition: BudgetAnswer["condition"]): boolean {
    const { version } = this.#condition;
    if (!this.#condition.learn(condition, this.#now)) return false;
    if (version === condition.version) return true;
    this.#permits.clear();
    this.#hasProbe = false;
    return true;
  }

  #returnProbe(): void {
    this.#hasProbe = false;
    this.#condition.endProbe("nothing");
  }

  #forget(): void {
    this.#condition.forget();
    this.#permits.clear();
    this.#hasProbe = false;
    this.#probeAskedAt = -1;
    if (this.#places.granted !== null) this.#places.lose();
  }

  #isIdle(now: number): boolean {
    return this.#demand.isIdle(now) && this.#places.inFlight === 0 && !this.#condition.hasWord;
  }

  async #leave(): Promise<void> {
    const { book, host, member, clock } = this.#options;
    this.#asker.rest();
    this.#forget();
    this.#validUntilMs = -Infinity;
    this.#activate(false);
    // What it cannot give back now is taken from it by and by.
    const abort = new AbortController();
    const stopTimer = clock.setTimer(() => abort.abort(), LEAVE_MS);
    await book.leave(host, member, { signal: abort.signal }).catch(() => undefined);
    stopTimer();
  }

  #activate(isActive: boolean): void {
    if (this.#isActive === isActive) return;
    this.#isActive = isActive;
    this.#options.onActive(isActive);
  }

  get #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
