import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { getCrs } from "../../src/crs/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { readCacheTiles } from "./support/read_cache.ts";
import { startSite, type Site } from "./support/site.ts";
import { openSection, takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
  site = await startSite();
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const ZOOMS = [0, 1, 2, 3, 4, 5];

/** Tiles of an area on levels 0 to 5, as the server counts them. */
async function count(area: object): Promise<number> {
  const body = JSON.stringify({ source: site.origin.template, zooms: ZOOMS, sample: false, ...area });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${site.url}api/estimate`, { method: "POST", headers, body });
  return ((await answer.json()) as { planned: number }).planned;
}

const estimate = (page: Page) => page.getByRole("status", { name: "Estimate" }).textContent();

/** A form with a source and levels, but no area. */
async function openForm(page: Page) {
  const form = await openSection(page, "New job");
  await form.getByLabel("URL template").fill(site.origin.template);
  await form.getByLabel("Zooms").fill("0-5");
  return form;
}

test("a polygon is drawn, and its tiles are fetched, not those of its box", async () => {
  const { page, end } = await visit(browser, site.url);
  const form = await openForm(page);
  await form.getByRole("button", { name: "Draw polygon" }).click();
  await page.getByText("double-click the last one").waitFor();
  const places: number[][] = [];
  const corners = [
    [600, 250],
    [1000, 300],
    [800, 600],
  ] as const;
  for (const [index, [x, y]] of corners.entries()) {
    await page.mouse.move(x - 5, y, { steps: 2 });
    await page.mouse.move(x, y, { steps: 2 });
    places.push(((await page.locator(".place span").first().textContent()) ?? "").split(",").map(Number));
    await (index === 2 ? page.mouse.dblclick(x, y) : page.mouse.click(x, y));
  }
  await page.getByText("Polygon drawn on the map.").waitFor();
  const planned = await count({ coverage: { type: "Polygon", coordinates: [straightOnMap(places)] } });
  const [lons, lats] = [places.map(([lon = 0]) => lon), places.map(([, lat = 0]) => lat)];
  const bbox = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  await expect.poll(() => estimate(page)).toMatch(/^\d+ tiles/);
  const shown = Number.parseInt((await estimate(page)) ?? "", 10);
  // The page divides its sides into fewer pieces, and the bar has five digits.
  expect(Math.abs(shown - planned)).toBeLessThan(planned / 50);
  expect(shown).toBeLessThan((await count({ bbox })) * 0.8);
  await takePicture(page, "polygon");
  await form.getByLabel("File", { exact: true }).fill("polygon.gpkg");
  await form.getByRole("button", { name: "Start" }).click();
  const job = page.getByRole("listitem", { name: "Job polygon.gpkg" });
  await expect.poll(() => job.getAttribute("data-state")).toBe("done");
  expect((await readCacheTiles(join(site.data, "polygon.gpkg"), ZOOMS)).size).toBe(shown);
  await end();
});

/** A ring in degrees whose sides are straight in Web Mercator, as they were drawn. */
function straightOnMap(places: readonly number[][]): number[][] {
  const crs = getCrs("EPSG:3857");
  const corners = [...places, ...places.slice(0, 1)].map(([lon = 0, lat = 0]) => crs.fromLonLat(lon, lat));
  const ring = corners.slice(1).flatMap(([toX, toY], index) => {
    const [x, y] = corners[index] ?? [toX, toY];
    return Array.from({ length: 100 }, (_, step) =>
      crs.toLonLat(x + ((toX - x) * step) / 100, y + ((toY - y) * step) / 100),
    );
  });
  return [...ring, ...ring.slice(0, 1)].map(([lon, lat]) => [lon, lat]);
}

/** West of Greenwich and east of it: two triangles. */
const AREAS = {
  west: [
    [-100, 0],
    [-60, 0],
    [-60, 50],
    [-100, 0],
  ],
  east: [
    [20, -30],
    [90, -30],
    [90, 40],
    [20, -30],
  ],
} as const;

const geoJson = (name: keyof typeof AREAS): string =>
  JSON.stringify({
    type: "FeatureCollection",
    features: [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [AREAS[name]] } }],
  });

test("a GeoJSON file is chosen, another is dropped on the map, and what is none is told", async () => {
  const { page, end } = await visit(browser, site.url);
  const form = await openForm(page);
  const west = await count({ coverage: JSON.parse(geoJson("west")) as object });
  const east = await count({ coverage: JSON.parse(geoJson("east")) as object });
  expect(west).not.toBe(east);
  const choose = (name: string, text: string) =>
    form
      .getByLabel("GeoJSON file")
      .setInputFiles({ name, mimeType: "application/geo+json", buffer: Buffer.from(text) });

  await choose("west.geojson", geoJson("west"));
  await page.getByText("Polygon from west.geojson.").waitFor();
  await expect.poll(() => estimate(page)).toMatch(new RegExp(`^${west} tiles`));

  await drop(page, "east.geojson", geoJson("east"));
  await page.getByText("Polygon from east.geojson.").waitFor();
  await expect.poll(() => estimate(page)).toMatch(new RegExp(`^${east} tiles`));

  await choose("broken.geojson", "{");
  await page.getByRole("alert").filter({ hasText: "GeoJSON" }).waitFor();
  // What was there before stays.
  expect(await page.getByText("Polygon from east.geojson.").isVisible()).toBe(true);
  await end();
});

/** Lets a file go over the map, as a person does who drags it there. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([file = "", content = ""]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], file, { type: "application/geo+json" }));
      return transfer;
    },
    [name, text],
  );
  for (const event of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("#map", event, { dataTransfer });
}
