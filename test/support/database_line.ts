import { TilthError, type Clock } from "../../src/core/index.ts";
import type { BudgetBook, BudgetNews, ClusterBook, ClusterEvent } from "../../src/cluster/index.ts";
import type { TileStore } from "../../src/store/index.ts";
import { wrapStore } from "./wrap_store.ts";

const never = new Promise<never>(() => undefined);
/** Of the calls that a cut line takes so many are done, and only their answers are lost. */
const DONE_SHARE = 0.3;

/** The way from one worker to the database: it takes time, can be cut, and nobody is at its end any more once the worker is killed. */
export class DatabaseLine {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onBack = new Set<() => void>();
  isKilled = false;
  #isCut = false;
  /** Nothing is done while the server itself is away. */
  isServerAway = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    for (const tell of this.#onBack) tell();
  }

  /** `postgres.unreachable` when the line is cut, though it may have been done. */
  async call<T>(run: () => Promise<T>): Promise<T> {
    if (this.isKilled) return never;
    await this.#travel();
    if (this.isServerAway || (this.#isCut && this.#random() > DONE_SHARE))
      return this.#answer(() => undefined as never);
    let answer: () => T;
    try {
      const value = await run();
      answer = () => value;
    } catch (error) {
      answer = () => {
        throw error;
      };
    }
    await this.#travel();
    return this.#answer(answer);
  }

  #answer<T>(answer: () => T): T | Promise<never> {
    if (this.isKilled) return never;
    if (this.#isCut || this.isServerAway) throw new TilthError("postgres.unreachable", "the line is cut");
    return answer();
  }

  /** The books as the worker reaches them. */
  bookOf(book: ClusterBook): ClusterBook {
    const far = book as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    const near: Partial<ClusterBook> = {
      listen: (onEvent) => this.call(() => this.#listen(book, onEvent)),
      openTiles: (cache) => this.call(async () => this.#tilesOf(await book.openTiles(cache))),
    };
    return new Proxy(book, {
      get: (_target, name) =>
        Reflect.get(near, name) ?? ((...given: unknown[]) => this.call(async () => far[String(name)]?.(...given))),
    });
  }

  budgetOf(book: BudgetBook): BudgetBook {
    return {
      ask: (ask) => this.call(() => book.ask(ask)),
      leave: (host, member) => this.call(() => book.leave(host, member)),
      watch: (onNews, options) => {
        if (options?.onGap !== undefined) this.#onBack.add(options.onGap);
        return book.watch((news: BudgetNews) => this.#deliver(() => onNews(news)));
      },
    };
  }

  #tilesOf(store: TileStore): TileStore {
    return wrapStore(store, {
      readPresence: (range, options) => this.call(() => store.readPresence(range, options)),
      readRecords: (range, options) => this.call(() => store.readRecords(range, options)),
      putTask: (task) => this.call(() => store.putTask(task)),
    });
  }

  async #listen(book: ClusterBook, onEvent: (event: ClusterEvent | null) => void): Promise<AsyncDisposable> {
    this.#onBack.add(() => (this.isKilled ? undefined : onEvent(null)));
    return book.listen((event) => this.#deliver(() => onEvent(event)));
  }

  /** What is told is lost while the line is cut. */
  #deliver(tell: () => void): void {
    this.#clock.setTimer(() => (this.isKilled || this.#isCut ? undefined : tell()), 1 + 4 * this.#random());
  }

  #travel(): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(resolve, 1 + 4 * this.#random()));
  }
}
