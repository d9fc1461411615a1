import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { getGrid } from "../../src/grid/index.ts";
import { openStore, type TileWrite } from "../../src/store/index.ts";
import type { FaultPlan } from "../origin/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { plainTiles, startSite } from "./support/site.ts";
import { openSection, readFacts, takePicture, visit } from "./support/visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await browser?.close();
});

test("a tile tells its age, ETag, attempts, and its address without the key", async () => {
  vi.stubEnv("TILTH_TEST_KEY", "sesame");
  const faults: FaultPlan = { seed: 3, status500: 1 };
  const asked = new Map<string, number>();
  const site = await startSite({
    origin: {
      faults,
      onRequest: (path) => {
        asked.set(path, (asked.get(path) ?? 0) + 1);
        // The third attempt gets the tile.
        if (asked.get(path) === 3) faults.status500 = 0;
      },
    },
    caches: ({ template }) => ({ live: { source: `${template}?key=\${TILTH_TEST_KEY}` } }),
  });
  const [z, x, y] = [3, 4, 4];
  const data = await (await fetch(`${site.url}tiles/live/${z}/${x}/${y}`)).bytes();
  const { page, end } = await visit(browser, site.url);
  await page.getByRole("combobox", { name: "Coverage of level" }).selectOption("3");
  const section = await openSection(page, "Tile");
  await section.getByRole("button", { name: "Middle tile" }).click();
  const read = async (name: string): Promise<string> => (await readFacts(section)).get(name) ?? "";
  await expect.poll(() => read("Address")).toMatch(/^3\/[34]\/[34]$/);
  // The middle of the world is a corner of four tiles.
  if ((await read("Address")).startsWith("3/3/"))
    await section.getByRole("button", { name: "Tile to the east" }).click();
  await expect.poll(() => read("Address")).toMatch(/^3\/4\/[34]$/);
  if ((await read("Address")).endsWith("/3")) await section.getByRole("button", { name: "Tile to the south" }).click();
  await expect.poll(() => read("Address")).toBe("3/4/4");
  const facts = Object.fromEntries(await readFacts(section));
  const path = `/tiles/${z}/${x}/${y}.png`;
  expect(facts).toMatchObject({
    State: "Present",
    Type: "image/png",
    ETag: `"${createHash("sha1").update(data).digest("hex").slice(0, 16)}"`,
    Attempts: "3",
    "Source URL": `${site.origin.url}${path}?key=***`,
    "SHA-256": createHash("sha256").update(data).digest("hex"),
  });
  expect(asked.get(`${path}?key=sesame`)).toBe(3);
  expect(facts["Age"]).toMatch(/^[\d.]+ s$/);
  expect(facts["Fetched"]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  expect(await page.content()).not.toContain("sesame");
  await end();
  await site.close();
});

const DAY_MS = 86_400_000;
const LEVEL = 5;
const ROWS = [14, 15, 16, 17];

/** On level 5 around the middle: a column of fresh tiles, one known empty, one stale, one of which is nothing known. */
async function writeColumns(path: string): Promise<void> {
  const data = await sharp({ create: { width: 256, height: 256, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  const now = Date.now();
  const writes = ROWS.flatMap((y): TileWrite[] => [
    { kind: "tile", tile: { z: LEVEL, x: 14, y }, data, fetchedAtMs: now },
    { kind: "empty", tile: { z: LEVEL, x: 15, y }, fetchedAtMs: now },
    { kind: "tile", tile: { z: LEVEL, x: 16, y }, data, fetchedAtMs: now - 3 * DAY_MS },
  ]);
  const store = await openStore(path, { mode: "write", grid: getGrid("WebMercatorQuad") });
  await store.putMany(writes);
  await store.close();
}

test("the overlay tells known empty and stale tiles from present and missing ones, and the inspector says the same", async () => {
  const site = await startSite({
    origin: { tiles: await plainTiles() },
    prepare: (data) => writeColumns(join(data, "live.gpkg")),
    caches: ({ template }) => ({ live: { source: template, maxAge: "1d" } }),
  });
  const { page, end } = await visit(browser, site.url);
  // The world is drawn with tiles of level 2 or 3: none of level 5 is asked for, so nothing of it changes.
  await page.getByRole("combobox", { name: "Coverage of level" }).selectOption(`${LEVEL}`);
  const legend = (state: string) => page.locator(`.legend [data-state=${state}] b`).textContent();
  // All of them at once: the level that was shown before may have four present tiles too.
  const counts = () => Promise.all(["present", "empty", "stale", "failed", "missing"].map(legend));
  await expect.poll(counts).toEqual(["4", "4", "4", "0", "1,012"]);

  const section = await openSection(page, "Tile");
  await section.getByRole("button", { name: "Middle tile" }).click();
  const address = async (): Promise<string> => (await readFacts(section)).get("Address") ?? "";
  await expect.poll(address).toMatch(/^5\/1[56]\/1[56]$/);
  const columnOf = async (): Promise<number> => Number((await address()).split("/")[1]);
  const seen: [number, string | undefined, boolean, string | undefined][] = [];
  while ((await columnOf()) > 14) {
    const column = await columnOf();
    await section.getByRole("button", { name: "Tile to the west" }).click();
    await expect.poll(columnOf).toBe(column - 1);
  }
  for (const column of [14, 15, 16, 17]) {
    await expect.poll(columnOf).toBe(column);
    const facts = await readFacts(section);
    seen.push([column, facts.get("State"), facts.has("Size"), facts.get("Age")]);
    if (column < 17) await section.getByRole("button", { name: "Tile to the east" }).click();
  }
  expect(seen.map(([column, state, hasSize]) => [column, state, hasSize])).toEqual([
    [14, "Present", true],
    [15, "Known empty", false],
    [16, "Stale", true],
    [17, "Missing", false],
  ]);
  expect(seen[2]?.[3]).toBe("3 d");
  await takePicture(page, "coverage-states");
  await end();
  await site.close();
});
