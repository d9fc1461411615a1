import { describe, expect, test } from "vitest";
import { isCancelled } from "../core/index.ts";
import { asPng, confetti, makeWarper, movedGrid, paintTile, planFor, sourcesOf } from "./fixtures/warp_tiles.ts";

const wanted = [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((x) => [8 + x, 8 + y] as const));
const plan = planFor(movedGrid(31, 77), wanted, "lanczos");
const tiles = sourcesOf(plan, (tile) => asPng(paintTile(tile, confetti(true))));
const options = { resampling: "lanczos" } as const;

/** Milliseconds into a call: while it decodes, warps or encodes. */
const MOMENTS = [0, 1, 20, 60, 110, 160, 250];

function abortAfter(delayMs: number): AbortSignal {
  const controller = new AbortController();
  if (delayMs === 0) controller.abort();
  else setTimeout(() => controller.abort(), delayMs);
  return controller.signal;
}

describe("a call that is aborted", () => {
  test.each(MOMENTS)("after %d ms rejects at once, or was done before, and the threads end", async (delayMs) => {
    await using warper = makeWarper(options);
    const started = performance.now();
    const ended = await warper.warp(plan, tiles, { signal: abortAfter(delayMs) }).then(
      (made) => made.length,
      (error: unknown) => isCancelled(error),
    );
    expect([true, 16]).toContain(ended);
    await warper.close();
    // Loosely: the bench holds the bar of one second.
    expect(performance.now() - started - delayMs).toBeLessThan(3000);
  });

  test("before it begins asks for nothing", async () => {
    await using warper = makeWarper(options);
    await expect(warper.warp(plan, tiles, { signal: AbortSignal.abort() })).rejects.toSatisfy(isCancelled);
  });

  test("takes nothing from the calls that follow, however many were aborted", async () => {
    await using warper = makeWarper(options);
    const whole = await warper.warp(plan, tiles);
    for (let round = 0; round < 12; round++) {
      const aborted = warper.warp(plan, tiles, { signal: abortAfter(1 + (round % 4) * 15) });
      await aborted.then(
        (made) => expect(made).toEqual(whole),
        (error: unknown) => expect(isCancelled(error)).toBe(true),
      );
    }
    expect(await warper.warp(plan, tiles)).toEqual(whole);
  });

  test("leaves alone another call that waits for the same source tiles", async () => {
    await using warper = makeWarper(options);
    const controller = new AbortController();
    const aborted = warper.warp(plan, tiles, { signal: controller.signal });
    const other = warper.warp(plan, tiles);
    setTimeout(() => controller.abort(), 5);
    await expect(aborted).rejects.toSatisfy(isCancelled);
    const made = await other;
    expect(made.filter((tile) => tile !== null && "data" in tile)).toHaveLength(16);
  });
});

describe("a source tile", () => {
  test("is decoded once for all the calls that need it", async () => {
    await using warper = makeWarper({ ...options, threads: 2 });
    await Promise.all([warper.warp(plan, tiles), warper.warp(plan, tiles), warper.warp(plan, tiles)]);
    await warper.warp(plan, tiles);
    expect(warper.decodes).toBe(plan.sources.length);
  });
});
