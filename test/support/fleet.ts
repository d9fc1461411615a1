import { ClusterHosts, type BudgetBook } from "../../src/cluster/index.ts";
import { sleep, type Clock } from "../../src/core/index.ts";
import { FetchPump, HostRegistry, type HostPolicy, type HostState } from "../../src/net/index.ts";
import { WorkerClock } from "./worker_clock.ts";

export interface Arrival {
  readonly atMs: number;
  readonly worker: number;
}

export interface FleetOptions {
  readonly clock: Clock;
  /** The book as a worker reaches it. */
  readonly bookOf: (worker: number) => BudgetBook;
  readonly policyOf: (worker: number) => HostPolicy;
  readonly skewMsOf?: (worker: number) => number;
  readonly random: () => number;
  /** What the host does with a request: it may throw. Takes `latencyMs`. */
  readonly answer?: (arrival: Arrival) => void;
  readonly latencyMs?: number;
}

export interface FleetWorker {
  readonly id: number;
  readonly host: HostState;
  readonly hosts: ClusterHosts;
  readonly clock: Clock;
  /** Fetches `count` items; how the run ended. */
  run(count: number, signal?: AbortSignal): Promise<"done" | "dead">;
  /** Between two instructions: nothing of it runs any more, nothing is given back. */
  kill(): void;
}

/** Workers of a cluster in one process, all on one host whose requests are counted. */
export class Fleet {
  readonly arrivals: Arrival[] = [];
  /** Requests under way, of workers that live. */
  inFlight = 0;
  mostInFlight = 0;
  readonly #options: FleetOptions;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async add(id: number): Promise<FleetWorker> {
    const { bookOf, policyOf, random, skewMsOf = () => 0 } = this.#options;
    const clock = new WorkerClock(this.#options.clock, skewMsOf(id));
    const hosts = await ClusterHosts.open({ book: killable(bookOf(id), clock), clock, random });
    const registry = new HostRegistry({ clock, defaultPolicy: policyOf(id), shareHost: hosts.shareHost });
    const host = registry.get("origin:80");
    const run = async (count: number, signal = new AbortController().signal): Promise<"done" | "dead"> => {
      const pump = new FetchPump<number, void>({
        batches: oneBatch(count),
        hosts: [host],
        attempt: () => this.#attempt(id, clock),
        settle: () => undefined,
        signal,
        clock,
        random,
      });
      return pump.run();
    };
    const kill = (): void => {
      clock.isKilled = true;
      this.inFlight -= host.status.inFlight;
    };
    return { id, host, hosts, clock, run, kill };
  }

  async #attempt(worker: number, clock: WorkerClock): Promise<void> {
    const { latencyMs = 20, random, answer } = this.#options;
    const arrival = { atMs: this.#options.clock.monotonicMs(), worker };
    this.arrivals.push(arrival);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await sleep(latencyMs * (0.5 + random()), { clock });
      answer?.(arrival);
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Most arrivals within any span of `spanMs`. */
  mostWithin(spanMs: number): number {
    return mostWithin(this.arrivals, spanMs);
  }
}

/** Most arrivals, in their order, within any span of `spanMs`. */
export function mostWithin(arrivals: readonly Arrival[], spanMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < arrivals.length; to++) {
    while (atOf(arrivals[from]) <= atOf(arrivals[to]) - spanMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

async function* oneBatch(count: number): AsyncGenerator<Iterable<number>> {
  yield await Promise.resolve(Array(count).keys());
}

function atOf(arrival: Arrival | undefined): number {
  return arrival?.atMs ?? Infinity;
}

/** A worker that was killed hears no answer and no news. */
function killable(book: BudgetBook, clock: WorkerClock): BudgetBook {
  const never = new Promise<never>(() => undefined);
  return {
    ask: async (ask, options) => {
      const answer = await book.ask(ask, options);
      return clock.isKilled ? never : answer;
    },
    leave: (host, member, options) => book.leave(host, member, options),
    watch: (onNews, options) => book.watch((news) => (clock.isKilled ? undefined : onNews(news)), options),
  };
}
