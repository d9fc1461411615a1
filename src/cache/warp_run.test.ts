import { describe, expect, test } from "vitest";
import { EMPTY_ANSWER, tileAnswer } from "../../test/support/fake_source.ts";
import {
  block,
  sourcesOf,
  grid,
  sourceGrid,
  kindsOf,
  madeOf,
  refused,
  startWarp,
} from "../../test/support/start_warp.ts";
import { TilthError } from "../core/index.ts";
import { makeGrid, tileToText, type TileCoord } from "../grid/index.ts";
import { WarpPlanner } from "../reproject/index.ts";
import { SizedCache, type ShelvedTile } from "./tile_shelf.ts";

describe("a warp run", () => {
  test("makes every tile of its own source tiles and asks for each of those once, over all batches", async () => {
    // In rows, as a seed lists blocks: metatiles are cut by the batches.
    const batches = [block(10, 3), block(10, 3, 4, 7), block(10, 4, 4, 10)];
    const { done, settled, source } = startWarp(batches);
    expect(await done).toBe("done");
    expect(settled.size).toBe(100);
    for (const tile of batches.flat())
      expect(new Set(madeOf(settled.get(tileToText(tile))))).toEqual(new Set(sourcesOf(tile)));
    expect(new Set(source.asked)).toEqual(new Set(batches.flat().flatMap((tile) => sourcesOf(tile))));
    expect(source.asked).toHaveLength(new Set(source.asked).size);
  });

  test("fails the tiles of a source tile that cannot be had, by its code and name, and makes the others", async () => {
    const tiles = block(8, 8);
    const lost = sourcesOf({ z: 1, x: 7, y: 7 })[0] ?? "";
    const { done, settled, source } = startWarp([tiles], {
      answer: (tile) => (tileToText(tile) === lost ? refused : tileAnswer(tile)),
    });
    expect(await done).toBe("done");
    const hit = tiles.filter((tile) => sourcesOf(tile).includes(lost));
    expect(kindsOf(settled)).toEqual({ tile: 64 - hit.length, "http.status": hit.length });
    for (const tile of hit) {
      const outcome = settled.get(tileToText(tile));
      expect(outcome).toMatchObject({ error: { code: "http.status", fields: { status: 403 }, cause: refused } });
      expect(outcome).toMatchObject({ error: { message: `source tile ${lost}: status 403` } });
    }
    expect(source.asked.filter((name) => name === lost)).toHaveLength(1);
  });

  test("tells of each tile how many attempts its worst source tile took, from the shelf too", async () => {
    const tiles = block(8, 8);
    const slow = sourcesOf({ z: 1, x: 7, y: 7 })[0] ?? "";
    const busy = new TilthError("http.status", "status 500", { fields: { status: 500 } });
    const { clock, done, settled } = startWarp([tiles.slice(0, 32), tiles.slice(32)], {
      answer: (tile, attempt) => (tileToText(tile) === slow && attempt < 3 ? busy : tileAnswer(tile)),
    });
    await clock.advance(60_000);
    expect(await done).toBe("done");
    for (const tile of tiles) {
      const attempts = sourcesOf(tile).includes(slow) ? 3 : 1;
      expect(settled.get(tileToText(tile))).toMatchObject({ attempts, result: { kind: "tile" } });
    }
  });

  test("makes empty tiles of empty sources, and whole ones beside them", async () => {
    const tiles = block(8, 4);
    const isEmpty = ({ x }: TileCoord): boolean => x % 2 === 0;
    const { done, settled } = startWarp([tiles], {
      answer: (tile) => (isEmpty(tile) ? EMPTY_ANSWER : tileAnswer(tile)),
    });
    expect(await done).toBe("done");
    for (const tile of tiles) {
      const full = sourcesOf(tile).filter((name) => Number(name.split("/")[1]) % 2 === 1);
      expect(new Set(madeOf(settled.get(tileToText(tile))))).toEqual(new Set(full));
    }
    const all = startWarp([tiles], { answer: () => EMPTY_ANSWER });
    expect(await all.done).toBe("done");
    expect(kindsOf(all.settled)).toEqual({ empty: 32 });
  });

  test("asks for nothing where the source does not reach", async () => {
    const polar = makeGrid({ crs: "EPSG:3031", bbox: [-400_000, -400_000, 400_000, 400_000], resolutions: [1000] });
    const by = new WarpPlanner({ destination: polar, source: sourceGrid, minZoom: 0, maxZoom: 9 });
    const { done, settled, source } = startWarp([[{ z: 0, x: 1, y: 1 }]], { planner: by });
    expect(await done).toBe("done");
    expect(kindsOf(settled)).toEqual({ empty: 1 });
    expect(source.asked).toEqual([]);
  });

  test("fails tiles that cannot be planned, with the reason; those beside them are made", async () => {
    // A tile of 154 km takes about 450 tiles of level 12 in the south of the grid, and more than the 512 allowed a little further north.
    const by = new WarpPlanner({ destination: grid, source: sourceGrid, minZoom: 12, maxZoom: 12 });
    const [near, far] = [
      { z: 1, x: 14, y: 24 },
      { z: 1, x: 15, y: 24 },
    ] as const;
    expect(by.metatileOf(near)).toEqual(by.metatileOf(far));
    const { done, settled, source } = startWarp([[far, near]], { planner: by });
    expect(await done).toBe("done");
    expect(settled.get(tileToText(far))).toMatchObject({ error: { code: "grid.level" } });
    expect(new Set(madeOf(settled.get(tileToText(near))))).toEqual(new Set(sourcesOf(near, by)));
    expect(new Set(source.asked)).toEqual(new Set(sourcesOf(near, by)));
  });

  test("retries as any fetch does, and tells of each retry", async () => {
    const told: string[] = [];
    const timeout = new TilthError("http.timeout", "no answer");
    const { clock, done, settled, source } = startWarp([block(4, 4)], {
      answer: (tile, attempt) => (attempt === 1 && tile.x % 2 === 0 ? timeout : tileAnswer(tile)),
      onRetry: ({ tile }) => void told.push(tileToText(tile)),
    });
    await clock.advance(60_000);
    expect(await done).toBe("done");
    expect(kindsOf(settled)).toEqual({ tile: 16 });
    const twice = source.asked.filter((name, i) => source.asked.indexOf(name) !== i);
    expect(twice.length).toBeGreaterThan(0);
    expect(new Set(told)).toEqual(new Set(twice));
    expect(clock.pendingTimers).toBe(0);
  });

  test("with a shelf for nothing still makes every tile", async () => {
    const { done, settled } = startWarp([block(10, 10)], { shelf: new SizedCache(0) });
    expect(await done).toBe("done");
    expect(kindsOf(settled)).toEqual({ tile: 100 });
  });
});

describe("a later run with the same shelf", () => {
  test("asks for nothing that is there", async () => {
    const shelf = new SizedCache<ShelvedTile>(1e8);
    await startWarp([block(4, 4)], { shelf }).done;
    const second = startWarp([block(4, 4)], { shelf });
    expect(await second.done).toBe("done");
    expect(second.source.asked).toEqual([]);
    expect(kindsOf(second.settled)).toEqual({ tile: 16 });
  });

  test("asks again for what could not be had", async () => {
    const shelf = new SizedCache<ShelvedTile>(1e8);
    const first = startWarp([block(2, 2)], { shelf, answer: () => refused });
    expect(await first.done).toBe("done");
    expect(kindsOf(first.settled)).toEqual({ "http.status": 4 });
    const second = startWarp([block(2, 2)], { shelf });
    expect(await second.done).toBe("done");
    expect(kindsOf(second.settled)).toEqual({ tile: 4 });
  });
});
