import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { getCrs } from "../../src/crs/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { colourOf, startSite, type Site } from "./support/site.ts";
import { readMapPixel, takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;

const SWISS = [5.9, 45.8, 10.5, 47.8];

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
  site = await startSite({
    jobs: [
      { store: "world.gpkg", bbox: [-180, -85, 180, 85], zooms: "0-3" },
      { store: "lv95.gpkg", bbox: SWISS, zooms: "0-3", grid: "EPSG:2056", format: "png" },
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const show = (page: Page, cache: string) =>
  page.getByRole("combobox", { name: "Cache", exact: true }).selectOption(cache);

/** What the bar says of a place of the window: degrees, and the CRS with east and north. */
async function readPlace(page: Page, x: number, y: number): Promise<{ lonLat: number[]; code: string; xy: number[] }> {
  await page.mouse.move(x - 3, y);
  await page.mouse.move(x, y);
  const words = await page.locator(".place span").allTextContents();
  const [code = "", east, north] = (words[1] ?? "").replaceAll(",", "").split(" ");
  return { lonLat: (words[0] ?? "").split(",").map(Number), code, xy: [Number(east), Number(north)] };
}

/** Colours of the tiles of all levels at a place, whichever the map draws. */
function coloursAt([lon = 0, lat = 0]: readonly number[]): number[][] {
  const sin = Math.sin((lat * Math.PI) / 180);
  const [u, v] = [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
  return [0, 1, 2, 3].map((z) => colourOf(z, Math.floor(u * 2 ** z), Math.floor(v * 2 ** z)));
}

test("a cache in Web Mercator lies where it belongs", async () => {
  const { page, end } = await visit(browser, site.url);
  await show(page, "world");
  for (const [x, y] of [
    [850, 250],
    [700, 500],
    [1000, 600],
  ] as const) {
    const { lonLat } = await readPlace(page, x, y);
    await expect.poll(async () => coloursAt(lonLat).some(isLike(await readMapPixel(page, x, y)))).toBe(true);
  }
  await end();
});

test("a cache in EPSG:2056 is shown in its own CRS and grid", async () => {
  const { page, end } = await visit(browser, site.url);
  await show(page, "lv95");
  await expect.poll(async () => (await readPlace(page, 800, 400)).code).toBe("EPSG:2056");
  // The page's arithmetic (proj4 with the server's text) agrees with that of the server, which is checked against PROJ. The bar has five digits: 1 m.
  for (const [x, y] of [
    [500, 200],
    [800, 400],
    [1100, 700],
  ] as const) {
    const { lonLat, xy } = await readPlace(page, x, y);
    const [east, north] = getCrs("EPSG:2056").fromLonLat(lonLat[0] ?? 0, lonLat[1] ?? 0);
    expect(Math.hypot(east - (xy[0] ?? 0), north - (xy[1] ?? 0))).toBeLessThan(2);
  }
  // A pixel of the map is that pixel of the tile that the server gives.
  const { xy } = await readPlace(page, 800, 400);
  const near = await readServerPixels("lv95", xy);
  await expect.poll(async () => near.some(isLike(await readMapPixel(page, 800, 400)))).toBe(true);
  await takePicture(page, "lv95");
  await end();
});

test("the map can be shown in another CRS", async () => {
  const { page, end } = await visit(browser, site.url);
  await show(page, "world");
  await page.getByLabel("Map CRS").fill("LAEA Europe");
  await page.getByRole("button", { name: "EPSG:3035" }).click();
  await expect.poll(async () => (await readPlace(page, 800, 400)).code).toBe("EPSG:3035");
  const { lonLat, xy } = await readPlace(page, 800, 400);
  const [x, y] = getCrs("EPSG:3035").fromLonLat(lonLat[0] ?? 0, lonLat[1] ?? 0);
  expect(Math.hypot(x - (xy[0] ?? 0), y - (xy[1] ?? 0))).toBeLessThan(2);
  // Tiles are warped to it.
  await expect.poll(async () => coloursAt(lonLat).some(isLike(await readMapPixel(page, 800, 400)))).toBe(true);
  await takePicture(page, "laea");
  await page.getByRole("button", { name: "Back to the cache’s own" }).click();
  await expect.poll(async () => (await readPlace(page, 800, 400)).code).toBe("EPSG:3857");
  await end();
});

test("two caches are compared by a slider that keys can move", async () => {
  const { page, end } = await visit(browser, site.url);
  await show(page, "lv95");
  await page.getByRole("combobox", { name: "Compare with" }).selectOption("world");
  const slider = page.getByRole("slider", { name: "Swipe between lv95 on the left and world on the right" });
  await slider.focus();
  const { lonLat } = await readPlace(page, 820, 420);
  await page.keyboard.press("Home");
  await expect.poll(async () => coloursAt(lonLat).some(isLike(await readMapPixel(page, 820, 420)))).toBe(true);
  const right = await readMapPixel(page, 820, 420);
  await page.keyboard.press("End");
  await expect.poll(async () => isLike(await readMapPixel(page, 820, 420))(right)).toBe(false);
  const left = await readMapPixel(page, 820, 420);
  // Half of the window is 640: the place is right of it, until 14 % more.
  await slider.fill("50");
  await expect.poll(async () => isLike(await readMapPixel(page, 820, 420))(right)).toBe(true);
  await takePicture(page, "swipe");
  for (let step = 0; step < 20; step++) await page.keyboard.press("ArrowRight");
  await expect.poll(async () => isLike(await readMapPixel(page, 820, 420))(left)).toBe(true);
  await end();
});

/** Browsers and sharp round alike; warping blends a little. */
function isLike(pixel: readonly number[]): (colour: readonly number[]) => boolean {
  return (colour) => colour.every((value, index) => Math.abs(value - (pixel[index] ?? 0)) <= 4);
}

/** The pixels at a place in the tiles of each level, as the server gives them. */
async function readServerPixels(name: string, [x = 0, y = 0]: readonly number[]): Promise<number[][]> {
  const cache = (await (await fetch(`${site.url}api/caches/${name}`)).json()) as {
    minZoom: number;
    maxZoom: number;
    grid: { levels: { z: number; cellSize: number; origin: [number, number]; tileWidth: number }[] };
  };
  const pixels: number[][] = [];
  for (const { z, cellSize, origin, tileWidth } of cache.grid.levels.slice(cache.minZoom, cache.maxZoom + 1)) {
    const [left, top] = [(x - origin[0]) / cellSize, (origin[1] - y) / cellSize];
    const [column, row] = [Math.floor(left / tileWidth), Math.floor(top / tileWidth)];
    const answer = await fetch(`${site.url}tiles/${name}/${z}/${column}/${row}`);
    if (!answer.ok) continue;
    const { data, info } = await sharp(await answer.bytes())
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (Math.floor(top - row * tileWidth) * info.width + Math.floor(left - column * tileWidth)) * info.channels;
    pixels.push([...data.subarray(at, at + 3)]);
  }
  return pixels;
}
