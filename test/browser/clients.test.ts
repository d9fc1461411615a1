// What other people use, on a page of another origin, against the tiles that are in the caches' files.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { getGrid } from "../../src/grid/index.ts";
import { Tokens } from "../../src/server/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { startClientSite, type ClientSite } from "./support/client_site.ts";
import { countOtherPixels, readMosaic, type PixelWindow } from "./support/mosaic.ts";
import { startSite, type Site } from "./support/site.ts";
import { takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;
let clients: ClientSite;

const [WIDTH, HEIGHT] = [800, 600];
const WORLD = { bbox: [-180, -85, 180, 85], zooms: "0-3" };
const SWISS = [5.9, 45.8, 10.5, 47.8];
const GRIDS = {
  world: "WebMercatorQuad",
  lv95: "EPSG:2056",
  degrees: "WGS1984Quad",
  europe: "EuropeanETRS89_LAEAQuad",
} as const;

beforeAll(async () => {
  [browser, clients, site] = await Promise.all([
    launchBrowser(inject("browser")),
    startClientSite(),
    startSite({
      jobs: [
        { store: "world.gpkg", ...WORLD },
        { store: "lv95.gpkg", bbox: SWISS, zooms: "0-3", grid: GRIDS.lv95, format: "png" },
        { store: "degrees.gpkg", ...WORLD, grid: GRIDS.degrees, format: "png" },
        { store: "europe.gpkg", bbox: [-10, 35, 30, 65], zooms: "0-3", grid: GRIDS.europe, format: "png" },
      ],
    }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await clients?.close();
  await site?.close();
});

/** A window that lies in no way symmetrically, so that a flip or a swap shows. */
const WINDOW: PixelWindow = { z: 3, left: 330, top: 210, width: WIDTH, height: HEIGHT };

/** Somebody else's page, which asks nobody but itself and the server. */
async function visitClient(server: Site) {
  const { page, foreign, faults, end } = await visit(browser, clients.url, {
    viewport: { width: WIDTH, height: HEIGHT },
  });
  await page.waitForFunction(() => Object.keys(window.clients ?? {}).length === 3);
  const leave = async (): Promise<void> => {
    expect(foreign.some((url) => url.startsWith(server.url))).toBe(true);
    expect(foreign.filter((url) => !url.startsWith(server.url))).toEqual([]);
    foreign.length = 0;
    await end();
  };
  return { page, faults, leave };
}

/** The page shows, pixel for pixel, what the file's tiles say. */
async function expectTiles(page: Page, picture: string, file: string, window: PixelWindow): Promise<void> {
  const expected = await readMosaic(join(site.data, file), window);
  // It is a map that is compared, not an empty sheet.
  expect(countWhite(expected)).toBeLessThan((WIDTH * HEIGHT) / 2);
  const countOthers = async () => countOtherPixels(await page.screenshot(), expected, 2);
  await expect.poll(countOthers, { timeout: 20_000, interval: 200 }).toBe(0);
  await takePicture(page, picture);
}

function countWhite(pixels: Buffer): number {
  let count = 0;
  for (let i = 0; i < pixels.length; i += 3) if (pixels.readUIntBE(i, 3) === 0xffffff) count += 1;
  return count;
}

/** The window in the plane of a grid. */
async function viewOf(grid: string): Promise<PlaneView> {
  const { crs, matrices } = getGrid(grid);
  const { cellSize, pointOfOrigin } = matrices[WINDOW.z] as (typeof matrices)[number];
  const { proj } = (await (await fetch(`${site.url}api/crs/${crs.code}`)).json()) as { proj: string };
  const east = pointOfOrigin[0] + (WINDOW.left + WIDTH / 2) * cellSize;
  const north = pointOfOrigin[1] - (WINDOW.top + HEIGHT / 2) * cellSize;
  return { crs: crs.code, proj, axisOrder: crs.axisOrder, centre: [east, north], resolution: cellSize };
}

describe("MapLibre GL", () => {
  /** The window's middle on level 3, 2,048 px around the Earth. */
  const lonLat = (): [number, number] => {
    const [u, v] = [(WINDOW.left + WIDTH / 2) / 2048, (WINDOW.top + HEIGHT / 2) / 2048];
    return [u * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180) / Math.PI];
  };

  test("draws a cache by its TileJSON", async () => {
    const { page, leave } = await visitClient(site);
    const options = { url: `${site.url}tilejson/world.json`, zoom: WINDOW.z - 1, centre: lonLat() };
    await page.evaluate((map) => window.clients.showTileJson?.(map), options);
    await expectTiles(page, "client-maplibre", "world.gpkg", WINDOW);
    await leave();
  });

  test("brings a token in a header, to a server that asks for one", async () => {
    const tokens = { operator: "operator-0123456789", reader: "reader-0123456789" };
    const files = [join(site.data, "world.gpkg")];
    const guarded = await startSite({ server: { tokens: new Tokens(tokens) }, workspace: { files } });
    const { page, faults, leave } = await visitClient(guarded);
    const options = { url: `${guarded.url}tilejson/world.json`, zoom: WINDOW.z - 1, centre: lonLat() };
    await page.evaluate((map) => window.clients.showTileJson?.(map), options);
    await expect.poll(() => faults.filter((fault) => fault.includes("401")).length).toBeGreaterThan(0);
    faults.length = 0;
    await page.reload();
    await page.waitForFunction(() => window.clients?.showTileJson !== undefined);
    const known = { ...options, token: tokens.reader };
    await page.evaluate((map) => window.clients.showTileJson?.(map), known);
    await expectTiles(page, "client-maplibre-token", "world.gpkg", WINDOW);
    await leave();
    await guarded.close();
  });
});

describe("OpenLayers", () => {
  const WMTS = [
    ["REST", "wmts/1.0.0/WMTSCapabilities.xml"],
    ["KVP", "wmts?SERVICE=WMTS&REQUEST=GetCapabilities"],
  ] as const;

  test.each(Object.entries(GRIDS))("draws %s (%s) by the capabilities of WMTS", async (layer, grid) => {
    const { page, leave } = await visitClient(site);
    const view = await viewOf(grid);
    for (const [requestEncoding, path] of WMTS) {
      const capabilities = `${site.url}${path}`;
      const map = { ...view, layer, capabilities, requestEncoding };
      await page.evaluate((wmts) => window.clients.showWmts?.(wmts), map);
      await expectTiles(page, `client-wmts-${layer}`, `${layer}.gpkg`, WINDOW);
    }
    await leave();
  });

  test.each(Object.entries(GRIDS))("draws %s (%s) by OGC API - Tiles", async (layer, grid) => {
    const { page, leave } = await visitClient(site);
    const { tilesets } = (await (await fetch(`${site.url}ogc/collections/${layer}/map/tiles`)).json()) as {
      tilesets: { links: { rel: string; href: string }[] }[];
    };
    const tileSet = tilesets[0]?.links.find(({ rel }) => rel === "self")?.href ?? "";
    const map = { ...(await viewOf(grid)), tileSet };
    await page.evaluate((ogc) => window.clients.showOgcTiles?.(ogc), map);
    await expectTiles(page, `client-ogc-${layer}`, `${layer}.gpkg`, WINDOW);
    await leave();
  });
});
