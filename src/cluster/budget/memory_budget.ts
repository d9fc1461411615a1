import { sleep, systemClock, type Clock } from "../../core/index.ts";
import { answerAsk, answerLeave } from "./answer_ask.ts";
import type { BudgetAnswer, BudgetAsk, BudgetBook, BudgetNews, WatchBudgetOptions } from "./budget_book.ts";
import { isForgotten, newHostBudget, type HostBudget } from "./host_budget.ts";

export interface MemoryBudgetOptions {
  readonly clock?: Clock;
  /** Each answer and each piece of news takes so long, ms: a network in between. @default 0 */
  readonly latencyMs?: number;
}

/** Asks after which the hosts are looked through for idle ones. */
const SWEEP_EVERY = 256;

/** The book of workers that live in one process: a simulated fleet, and tests. */
export class MemoryBudget implements BudgetBook {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #hosts = new Map<string, HostBudget>();
  readonly #watchers = new Set<(news: BudgetNews) => void>();
  #asks = 0;

  constructor({ clock = systemClock, latencyMs = 0 }: MemoryBudgetOptions = {}) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** Hosts that are remembered. */
  get size(): number {
    return this.#hosts.size;
  }

  async ask(ask: BudgetAsk, { signal }: { signal?: AbortSignal } = {}): Promise<BudgetAnswer> {
    await this.#travel(signal);
    const nowMs = this.#clock.monotonicMs();
    this.#asks += 1;
    if (this.#asks % SWEEP_EVERY === 0) this.#sweep(nowMs);
    const { answer, news } = answerAsk(this.#get(ask.host, nowMs), ask, nowMs);
    this.#tell(news);
    await this.#travel(signal);
    return answer;
  }

  async leave(host: string, member: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#travel(signal);
    const nowMs = this.#clock.monotonicMs();
    this.#tell(answerLeave(this.#get(host, nowMs), host, member, nowMs).news);
  }

  watch(onNews: (news: BudgetNews) => void, _options?: WatchBudgetOptions): Promise<AsyncDisposable> {
    const watcher = (news: BudgetNews): void => onNews(news);
    this.#watchers.add(watcher);
    const stop = (): Promise<void> => {
      this.#watchers.delete(watcher);
      return Promise.resolve();
    };
    return Promise.resolve({ [Symbol.asyncDispose]: stop });
  }

  #get(host: string, nowMs: number): HostBudget {
    let budget = this.#hosts.get(host);
    if (budget === undefined) this.#hosts.set(host, (budget = newHostBudget(nowMs)));
    return budget;
  }

  #sweep(nowMs: number): void {
    for (const [host, budget] of this.#hosts) if (isForgotten(budget, nowMs)) this.#hosts.delete(host);
  }

  async #travel(signal?: AbortSignal): Promise<void> {
    if (this.#latencyMs > 0) await sleep(this.#latencyMs, { clock: this.#clock, signal });
    else await Promise.resolve();
  }

  #tell(news: BudgetNews | null): void {
    if (news === null) return;
    this.#clock.setTimer(() => {
      for (const watcher of this.#watchers) watcher(news);
    }, this.#latencyMs);
  }
}
