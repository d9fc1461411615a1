import type { TileSource } from "../../cache/index.ts";
import { RateMeter, type SeedProgress } from "../../seed/index.ts";
import type { WorkerFigures } from "../book/cluster_book.ts";

type Sums = Omit<WorkerFigures, "seedId" | "tilesPerSecond">;

/** What one process has done for one seed, told to the books as differences. */
export class SeedFigures {
  readonly seedId: string;
  readonly #source: TileSource;
  readonly #meter = new RateMeter();
  readonly #running = new Set<() => SeedProgress>();
  #ended = { rejected: 0, fetched: 0 };
  #told: Sums = { requests: 0, retries: 0, rejected: 0 };

  constructor(seedId: string, source: TileSource) {
    this.seedId = seedId;
    this.#source = source;
  }

  /** A block begins. @returns to be called when it has ended */
  watch(read: () => SeedProgress): () => void {
    this.#running.add(read);
    return () => {
      if (!this.#running.delete(read)) return;
      const { rejected, stored } = read();
      this.#ended = { rejected: this.#ended.rejected + rejected, fetched: this.#ended.fetched + stored };
    };
  }

  /** @param nowMs monotonic */
  read(nowMs: number): { figures: WorkerFigures; told: () => void } {
    const running = [...this.#running].map((read) => read());
    const sum = (name: "rejected" | "stored"): number => running.reduce((total, progress) => total + progress[name], 0);
    const hosts = [...new Set(this.#source.hosts)].map(({ status }) => status);
    const sums: Sums = {
      requests: hosts.reduce((total, { requests }) => total + requests, 0),
      retries: hosts.reduce((total, { retries }) => total + retries, 0),
      rejected: this.#ended.rejected + sum("rejected"),
    };
    const fetched = this.#ended.fetched + sum("stored");
    this.#meter.sample(nowMs, fetched);
    const { requests, retries, rejected } = this.#told;
    const figures = {
      seedId: this.seedId,
      requests: sums.requests - requests,
      retries: sums.retries - retries,
      rejected: sums.rejected - rejected,
      tilesPerSecond: this.#meter.perSecond(nowMs, fetched),
    };
    // Only when the books have them: what could not be told is told the next time.
    return { figures, told: () => (this.#told = sums) };
  }
}
