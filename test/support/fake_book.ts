import type { DeadBlock, SeedStatus } from "../../src/cluster/index.ts";
import { TilthError } from "../../src/core/index.ts";
import type { ServedBook } from "../../src/server/index.ts";
import { fakeDefinition } from "./cluster.ts";

/** A seed of 1,365 tiles that two workers are at, one of them silent. */
export function fakeSeed(seed: Partial<SeedStatus> = {}): SeedStatus {
  const { definition, planned } = fakeDefinition();
  const counts = {
    present: 5,
    stored: 600,
    empty: 40,
    failed: 0,
    rejected: 3,
    bytes: 900_000,
    requests: 650,
    retries: 7,
  };
  return {
    id: "0f3a52c19b6d7e84",
    definition,
    state: "running",
    planned,
    cursor: null,
    staleBeforeMs: null,
    submittedAtMs: Date.UTC(2026, 0, 1),
    endedAtMs: null,
    counts,
    failures: {},
    blocks: { queued: 3, leased: 2, dead: 0, done: 8 },
    workers: [
      { worker: "east", blocks: 2, stored: 400, tilesPerSecond: 24, silentMs: 900 },
      { worker: "west", blocks: 0, stored: 200, tilesPerSecond: 0, silentMs: 60_000 },
    ],
    elapsedMs: 20_000,
    ...seed,
  };
}

/** The part of a cluster's books that a server needs, in memory; the database can be away. */
export class FakeBook implements ServedBook {
  readonly location = "db.example.org/maps";
  readonly seeds = new Map<string, SeedStatus>();
  readonly dead = new Map<string, DeadBlock[]>();
  /** Readings of the list so far. */
  reads = 0;
  /** `silent`: it never answers. */
  database: "up" | "away" | "silent" = "up";

  constructor(...seeds: SeedStatus[]) {
    for (const seed of seeds) this.put(seed);
  }

  put(seed: SeedStatus): void {
    this.seeds.set(seed.id, seed);
  }

  listSeeds = async (): Promise<SeedStatus[]> => {
    this.reads += 1;
    await this.#reach();
    return [...this.seeds.values()];
  };

  getStatus = async (id: string): Promise<SeedStatus> => {
    await this.#reach();
    const seed = this.seeds.get(id);
    if (seed === undefined) throw new TilthError("cluster.unknownSeed", `expected the ID of a seed, got '${id}'`);
    return seed;
  };

  listDead = async (id: string): Promise<DeadBlock[]> => this.dead.get(id) ?? [];

  setState = async (id: string, state: "running" | "paused" | "cancelled"): Promise<void> => {
    const seed = await this.getStatus(id);
    if (seed.state === "ended" || seed.state === "cancelled")
      throw new TilthError("cluster.state", `expected a seed that is running or paused, but ${id} is ${seed.state}`);
    this.put({ ...seed, state });
  };

  retry = async (id: string): Promise<number> => {
    const seed = await this.getStatus(id);
    const { blocks, counts } = seed;
    this.dead.delete(id);
    this.put({
      ...seed,
      state: "running",
      counts: { ...counts, failed: 0 },
      failures: {},
      blocks: { ...blocks, dead: 0, queued: blocks.queued + blocks.dead },
    });
    return blocks.dead;
  };

  async #reach(): Promise<void> {
    if (this.database === "silent") await new Promise(() => undefined);
    if (this.database === "away")
      throw new TilthError("postgres.unreachable", `${this.location}: no connection (ECONNREFUSED); is the server up?`);
  }
}
