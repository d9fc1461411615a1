import { FakeClock, flush } from "./fake_clock.ts";
import { FakeSource, type FakeSourceOptions } from "./fake_source.ts";
import { CancelledError, TilthError } from "../../src/core/index.ts";
import { makeGrid, tileToText, webMercatorQuad, type TileCoord } from "../../src/grid/index.ts";
import { WarpPlanner, type WarpedTile, type Warper, type WarpPlan } from "../../src/reproject/index.ts";
import type { FetchTilesOptions, SettledTile, TileRequest } from "../../src/source/index.ts";
import { SizedCache, type ShelvedTile } from "../../src/cache/tile_shelf.ts";
import { WarpRun } from "../../src/cache/warp_run.ts";

export const sourceGrid = webMercatorQuad();
/** Europe; on level 1 33 x 27 tiles of 600 m, 4 x 4 to a metatile. */
export const grid = makeGrid({
  crs: "EPSG:3035",
  bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000],
  resolutions: [1200, 600],
});
export const planner = new WarpPlanner({ destination: grid, source: sourceGrid, minZoom: 0, maxZoom: 9 });

/** A rectangle of level 1 in row order, as seeds list it. */
export function block(columns: number, rows: number, left = 4, top = 4): TileCoord[] {
  return Array.from({ length: columns * rows }, (_, i) => {
    return { z: 1, x: left + (i % columns), y: top + Math.floor(i / columns) };
  });
}

/** Source tiles of each destination tile. */
export function sourcesOf(tile: TileCoord, by = planner): string[] {
  return by.plan([tile]).flatMap(({ sources }) => sources.map(tileToText));
}

/** Says of each tile what it was made of: `a+b` where those came, null where all are empty. Its warps wait while `gate` does. */
class FakeWarper {
  inFlight = 0;
  maxInFlight = 0;
  gate: Promise<void> = Promise.resolve();

  async warp(
    plan: WarpPlan,
    bytes: readonly (Uint8Array | null)[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<readonly WarpedTile[]> {
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    try {
      await Promise.race([this.gate, untilAborted(signal)]);
      return plan.tiles.map(({ sources }) => {
        const names = sources.flatMap((index) => {
          const data = bytes[index] ?? null;
          return data === null ? [] : [new TextDecoder().decode(data)];
        });
        return names.length === 0 ? null : { data: new TextEncoder().encode(names.join("+")), format: "png" };
      });
    } finally {
      this.inFlight -= 1;
    }
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new CancelledError());
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

interface Setup extends Partial<FetchTilesOptions> {
  answer?: FakeSourceOptions["answer"];
  source?: FakeSource;
  planner?: WarpPlanner;
  shelf?: SizedCache<ShelvedTile>;
}

/** A run over `batches` that keeps what was settled, by tile. */
export function startWarp(batches: readonly (readonly TileCoord[])[], setup: Setup = {}) {
  const { answer, source = new FakeSource({ answer }), planner: by = planner, shelf, ...more } = setup;
  const clock = new FakeClock();
  const warper = new FakeWarper();
  const settled = new Map<string, SettledTile>();
  const taken: string[] = [];
  const tools = { source, planner: by, warper: warper as unknown as Warper, shelf: shelf ?? new SizedCache(1e8) };
  const list = (async function* (): AsyncGenerator<readonly TileRequest[]> {
    for (const batch of batches) {
      taken.push(...batch.map(tileToText));
      yield batch.map((tile) => ({ tile }));
    }
  })();
  const options: FetchTilesOptions = {
    batches: list,
    settle: ({ tile }, outcome) => {
      if (settled.has(tileToText(tile))) throw new Error(`settled twice: ${tileToText(tile)}`);
      settled.set(tileToText(tile), outcome);
    },
    signal: new AbortController().signal,
    clock,
    random: () => 0.5,
    ...more,
  };
  const done = new WarpRun(tools, options).run();
  done.catch(() => undefined);
  return { clock, done, settled, source, taken, warper };
}

/** `tile`, `empty` or the code of the error, for each settled tile. */
export function kindsOf(settled: ReadonlyMap<string, SettledTile>): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const outcome of settled.values()) {
    const kind = "result" in outcome ? outcome.result.kind : (outcome.error as TilthError).code;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

export function madeOf(outcome: SettledTile | undefined): string[] {
  if (outcome === undefined || !("result" in outcome) || outcome.result.kind !== "tile") return [];
  return new TextDecoder().decode(outcome.result.data).split("+");
}

export const refused = new TilthError("http.status", "status 403", { fields: { status: 403 } });

export async function flushMany(turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await flush();
}
