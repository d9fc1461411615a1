import { randomUUID } from "node:crypto";
import { silentLogger, systemClock, type Clock, type Logger } from "../../core/index.ts";
import { DEFAULT_BREAKER, type HostPolicy, type HostShare } from "../../net/index.ts";
import type { BudgetBook, BudgetNews, SharePolicy } from "./budget_book.ts";
import { LeasedShare } from "./leased_share.ts";

export interface ClusterHostsOptions {
  readonly book: BudgetBook;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** 0..1, for the jitter. */
  readonly random?: () => number;
}

/**
 * The hosts of a worker, shared with all workers of its cluster: `new HttpClient({ shareHost: hosts.shareHost })`.
 * Does not own the book.
 */
export class ClusterHosts implements AsyncDisposable {
  readonly #book: BudgetBook;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #random: () => number;
  /** Shares that stand in the book, by host. Those that rest are known to nobody but their users. */
  readonly #active = new Map<string, Set<LeasedShare>>();
  readonly #worker = randomUUID();
  #shares = 0;
  #watching: AsyncDisposable | null = null;
  #isClosed = false;

  private constructor({ book, clock = systemClock, logger = silentLogger, random = Math.random }: ClusterHostsOptions) {
    this.#book = book;
    this.#clock = clock;
    this.#logger = logger;
    this.#random = random;
  }

  /** @throws `postgres.*` when the book cannot be watched */
  static async open(options: ClusterHostsOptions): Promise<ClusterHosts> {
    const hosts = new ClusterHosts(options);
    const onGap = (): void => hosts.#forEach((share) => share.askAgain());
    hosts.#watching = await options.book.watch((news) => hosts.#hear(news), { onGap });
    return hosts;
  }

  /** A share of a host, `name:port`; bound to this object. */
  readonly shareHost = (host: string, policy: HostPolicy): HostShare => {
    const share: LeasedShare = new LeasedShare({
      book: this.#book,
      host,
      member: `${this.#worker}/${(this.#shares += 1)}`,
      policy: sharePolicyOf(policy),
      clock: this.#clock,
      logger: this.#logger,
      random: this.#random,
      onActive: (isActive) => this.#note(share, isActive),
    });
    if (this.#isClosed) void share.close();
    return share;
  };

  /** Gives everything back at once; nothing starts on any share any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#watching?.[Symbol.asyncDispose]();
    const closing: Promise<void>[] = [];
    this.#forEach((share) => closing.push(share.close()));
    await Promise.all(closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hear(news: BudgetNews): void {
    for (const share of this.#active.get(news.host) ?? []) share.hear(news);
  }

  #note(share: LeasedShare, isActive: boolean): void {
    const same = this.#active.get(share.host) ?? new Set();
    if (isActive) this.#active.set(share.host, same.add(share));
    else if (same.delete(share) && same.size === 0) this.#active.delete(share.host);
    // One that was made before, and is used for the first time after.
    if (isActive && this.#isClosed) void share.close();
  }

  #forEach(visit: (share: LeasedShare) => void): void {
    const all = [...this.#active.values()].flatMap((shares) => [...shares]);
    for (const share of all) visit(share);
  }
}

function sharePolicyOf({ concurrency = "auto", maxConcurrency, ratePerSecond, breaker }: HostPolicy): SharePolicy {
  const { openMs, maxOpenMs, maxProbes } = { ...DEFAULT_BREAKER, ...breaker };
  return {
    ratePerSecond: ratePerSecond === undefined || !Number.isFinite(ratePerSecond) ? null : ratePerSecond,
    places: concurrency === "auto" ? (maxConcurrency ?? null) : concurrency,
    openMs,
    maxOpenMs,
    maxProbes,
  };
}
