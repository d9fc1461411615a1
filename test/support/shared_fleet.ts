import { MemoryBudget, type BudgetAsk, type BudgetBook } from "../../src/cluster/index.ts";
import { TilthError } from "../../src/core/index.ts";
import type { HostPolicy } from "../../src/net/index.ts";
import { FakeClock } from "./fake_clock.ts";
import { Fleet, type FleetWorker } from "./fleet.ts";

/** A line to the book that can be cut, and whose questions are counted. */
export class BookLine implements BudgetBook {
  readonly #book: BudgetBook;
  isCut = false;
  readonly asks: BudgetAsk[] = [];
  readonly left: string[] = [];
  onGap: (() => void) | undefined;

  constructor(book: BudgetBook) {
    this.#book = book;
  }

  async ask(...args: Parameters<BudgetBook["ask"]>): ReturnType<BudgetBook["ask"]> {
    this.asks.push(args[0]);
    this.#check();
    return this.#book.ask(...args);
  }

  async leave(...args: Parameters<BudgetBook["leave"]>): Promise<void> {
    this.#check();
    this.left.push(args[0]);
    return this.#book.leave(...args);
  }

  watch(...[onNews, options]: Parameters<BudgetBook["watch"]>): Promise<AsyncDisposable> {
    this.onGap = options?.onGap;
    return this.#book.watch((news) => (this.isCut ? undefined : onNews(news)), options);
  }

  #check(): void {
    if (this.isCut) throw new TilthError("postgres.unreachable", "cut");
  }
}

export interface SharedFleet {
  clock: FakeClock;
  fleet: Fleet;
  lines: BookLine[];
  workers: FleetWorker[];
  /** Workers that fetch without an end. */
  start: (ids: readonly number[], count?: number) => void;
  arrivalsOf: (id: number) => number[];
}

/** Workers 0 to `count` - 1 of one host, each with a line of its own to one book. */
export async function makeFleet(count: number, policy: HostPolicy, answer?: () => void): Promise<SharedFleet> {
  const clock = new FakeClock();
  const book = new MemoryBudget({ clock, latencyMs: 2 });
  const lines = Array.from({ length: count }, () => new BookLine(book));
  const fleet = new Fleet({
    clock,
    bookOf: (id) => lines[id] as BookLine,
    policyOf: () => policy,
    random: () => 0.5,
    answer,
  });
  const workers: FleetWorker[] = [];
  for (let id = 0; id < count; id++) workers.push(await fleet.add(id));
  const start = (ids: readonly number[], items = 100_000): void => {
    for (const id of ids) void workers[id]?.run(items).catch(() => undefined);
  };
  const arrivalsOf = (id: number): number[] =>
    fleet.arrivals.filter(({ worker }) => worker === id).map(({ atMs }) => atMs);
  return { clock, fleet, lines, workers, start, arrivalsOf };
}
