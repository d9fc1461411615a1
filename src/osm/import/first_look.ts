import { isTilthError, releaseMemory } from "../../core/index.ts";
import { inOrder, type WorkerPool } from "../../concurrency/index.ts";
import type { OsmInput } from "../input/osm_input.ts";
import { LocationTable, type LocationTableOptions } from "../locations/location_table.ts";
import type { LayerPlan } from "../tags/layer_plan.ts";
import { partBuffers, type OsmPart } from "./osm_part.ts";
import { PartCache } from "./part_cache.ts";
import { RelationStore } from "./relation_store.ts";
import type { LayerUse, ScannedPart } from "./scan_part.ts";
import { tasks } from "./tasks.ts";

export interface FirstLookOptions {
  readonly input: OsmInput;
  readonly layers: LayerPlan;
  readonly pool: WorkerPool;
  /** Parts under way at a time. */
  readonly ahead: number;
  readonly locations: LocationTableOptions;
  readonly onCounts: (counts: ObjectCounts) => void;
  readonly signal?: AbortSignal;
}

/** Objects in the input. */
export type ObjectCounts = ScannedPart["counts"];

/** What the first look through an input finds. */
export class FirstLook implements Disposable {
  readonly locations: LocationTable;
  readonly relations = new RelationStore();
  readonly use = new KeyUseSum();
  readonly counts = { nodes: 0, ways: 0, relations: 0 };
  readonly #cache = new PartCache();
  #parts = 0;

  constructor(locations: LocationTableOptions) {
    this.locations = new LocationTable(locations);
  }

  add(scanned: ScannedPart): void {
    const { ids, lons, lats } = scanned.locations;
    this.locations.add(ids, lons, lats);
    this.relations.add(scanned.relations);
    releaseMemory([ids, lons, lats, scanned.relations.bytes]);
    this.use.add(scanned.use);
    this.#cache.offer(this.#parts++, scanned);
    for (const kind of ["nodes", "ways", "relations"] as const) this.counts[kind] += scanned.counts[kind];
  }

  /** Parts that need a second look: kept ones, else those of the input. */
  async *partsAgain(input: OsmInput, signal?: AbortSignal): AsyncGenerator<OsmPart> {
    if (this.#cache.hasAll(this.#parts)) {
      for (let index = 0; index < this.#parts; index++)
        if (!this.#cache.isBare(index)) yield this.#cache.take(index) as OsmPart;
      return;
    }
    let index = 0;
    for await (const part of input.parts(signal)) {
      if (!this.#cache.isBare(index)) yield this.#cache.take(index) ?? part;
      index += 1;
    }
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
    this.relations[Symbol.dispose]();
    this.locations[Symbol.dispose]();
  }
}

/** Looks again without guessing when something is wrong with an input whose parts are cut by guess. @throws `osm.*`, `store.*`, `cancelled` */
export async function lookThrough(options: FirstLookOptions): Promise<FirstLook> {
  try {
    return await lookOnce(options);
  } catch (error) {
    const isOfParts = isTilthError(error) && error.code.startsWith("osm.");
    if (!isOfParts || options.input.stopGuessing?.() !== true) throw error;
    return await lookOnce(options);
  }
}

async function lookOnce({
  input,
  layers,
  pool,
  ahead,
  locations,
  onCounts,
  signal,
}: FirstLookOptions): Promise<FirstLook> {
  const look = new FirstLook(locations);
  const scan = (part: OsmPart): Promise<ScannedPart> =>
    pool.run(tasks.scanPart, [part, layers], { signal, transfer: partBuffers(part) });
  try {
    for await (const scanned of inOrder(input.parts(signal), ahead, scan, signal)) {
      look.add(scanned);
      onCounts(look.counts);
    }
    return look;
  } catch (error) {
    look[Symbol.dispose]();
    throw error;
  }
}

/** Sums over parts. */
class KeyUseSum {
  readonly counts = new Map<number, number>();
  readonly keys = new Map<number, Map<string, number>>();

  add(use: ScannedPart["use"]): void {
    for (const { layer, count, keys } of JSON.parse(use) as LayerUse[]) {
      this.counts.set(layer, (this.counts.get(layer) ?? 0) + count);
      let sums = this.keys.get(layer);
      if (sums === undefined) this.keys.set(layer, (sums = new Map()));
      for (const [key, n] of keys) sums.set(key, (sums.get(key) ?? 0) + n);
    }
  }
}
