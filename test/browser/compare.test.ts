import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { getGrid } from "../../src/grid/index.ts";
import { openStore } from "../../src/store/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { readCacheTiles } from "./support/read_cache.ts";
import { startSite } from "./support/site.ts";
import { readMapPixel, takePicture, visit } from "./support/visit.ts";

type Colour = [number, number, number];

let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), "tilth-compare-"));

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const LEVELS = [0, 1, 2, 3];
const RED: Colour = [200, 60, 40];
const BLUE: Colour = [40, 60, 200];

const paint = ([r, g, b]: Colour): Promise<Buffer> =>
  sharp({ create: { width: 256, height: 256, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();

/** An archive of levels 0 to 2 in one colour. */
async function writeArchive(name: string, colour: Colour): Promise<string> {
  const path = join(folder, name);
  const data = await paint(colour);
  const store = await openStore(path, { mode: "write", grid: getGrid("WebMercatorQuad") });
  for (let z = 0; z <= 2; z++)
    for (let y = 0; y < 2 ** z; y++)
      for (let x = 0; x < 2 ** z; x++) await store.putMany([{ kind: "tile", tile: { z, x, y }, data, fetchedAtMs: 1 }]);
  await store.close();
  return path;
}

const compare = (page: Page) => page.getByRole("combobox", { name: "Compare with" });

/** What is to be seen left and right of the window's middle, beside the panel. */
const readSides = async (page: Page) => [await readMapPixel(page, 600, 400), await readMapPixel(page, 700, 400)];

test("before a refresh and after it: two archives of one grid, each on its side of the swipe", async () => {
  const files = [await writeArchive("alps.gpkg", BLUE), await writeArchive("alps-before.gpkg", RED)];
  const site = await startSite({ workspace: { files } });
  const { page, end } = await visit(browser, site.url);
  await page.getByRole("combobox", { name: "Cache", exact: true }).selectOption("alps-before");
  await expect.poll(() => readSides(page)).toEqual([RED, RED]);
  // Neither has a source that could be asked.
  expect(await compare(page).locator("option").allTextContents()).toEqual(["nothing", "alps"]);
  await compare(page).selectOption("alps");
  await expect.poll(() => readSides(page)).toEqual([RED, BLUE]);
  const slider = page.getByRole("slider", { name: "Swipe between alps-before on the left and alps on the right" });
  await slider.fill("60");
  await expect.poll(() => readSides(page)).toEqual([RED, RED]);
  await slider.fill("40");
  await expect.poll(() => readSides(page)).toEqual([BLUE, BLUE]);
  await end();
  await site.close();
});

test("a source as it is now against what the cache has kept of it", async () => {
  let data = await paint(RED);
  const tiles = async () => ({ data, mimeType: "image/png" });
  const site = await startSite({
    origin: { tiles },
    caches: ({ template }) => ({ live: { source: template, attribution: "© somebody" } }),
  });
  // All that the map may draw is in the cache before the source changes.
  for (const z of LEVELS)
    for (let y = 0; y < 2 ** z; y++)
      for (let x = 0; x < 2 ** z; x++) await (await fetch(`${site.url}tiles/live/${z}/${x}/${y}`)).arrayBuffer();
  data = await paint(BLUE);
  const { page, end } = await visit(browser, site.url);
  await expect.poll(() => readSides(page)).toEqual([RED, RED]);
  await compare(page).selectOption("its source, as it is now");
  await expect.poll(() => readSides(page)).toEqual([RED, BLUE]);
  const slider = page.getByRole("slider", { name: "Swipe between live on the left and source of live on the right" });
  expect(await slider.isVisible()).toBe(true);
  expect(await page.locator(".attribution").textContent()).toContain("© somebody");
  await takePicture(page, "source-against-cache");
  // What was looked at on the right is not kept: the file has the tiles of before.
  await compare(page).selectOption("nothing");
  await expect.poll(() => readSides(page)).toEqual([RED, RED]);
  const kept = [...(await readCacheTiles(join(site.data, "live.gpkg"), LEVELS)).values()];
  expect(kept).toHaveLength(85);
  const red = createHash("sha256")
    .update(await paint(RED))
    .digest("hex");
  expect(new Set(kept.map(({ sha256 }) => sha256))).toEqual(new Set([red]));
  await end();
  await site.close();
});
