import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { worldTiles } from "../origin/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { startSite, type Site } from "./support/site.ts";
import { openSection, readMapPixel, takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;
const pace = { latencyMs: 120 };

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
  const world = worldTiles();
  site = await startSite({
    origin: {
      tiles: async (...tile) => {
        await delay(pace.latencyMs);
        return world(...tile);
      },
    },
  });
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Of the tiles; the background's is another. */
const SEA = "183,211,227";
const SEA_PLACE = [780, 420] as const;

declare global {
  interface Window {
    coloursSeen: string[];
  }
}

const readPresent = async (page: Page): Promise<number> =>
  Number((await page.locator(".legend [data-state=present] b").textContent())?.replaceAll(",", ""));

test("a map fills while it is watched, and what is drawn stays drawn", async () => {
  const { page, end } = await visit(browser, site.url, { viewport: { width: 1280, height: 860 } });
  const form = await openSection(page, "New job");
  await form.getByLabel("URL template").fill(site.origin.template);
  await form.getByLabel("Box: west, south, east, north").fill("-180, -85, 180, 85");
  await form.getByLabel("Zooms").fill("0-5");
  await form.getByLabel("File", { exact: true }).fill("world.gpkg");
  await form.getByRole("button", { name: "Start" }).click();
  const job = page.getByRole("listitem", { name: "Job world.gpkg" });
  await page.getByRole("heading", { name: "New job" }).click();
  await page.getByRole("combobox", { name: "Coverage of level" }).selectOption("5");
  // Places of the sea: the colour of tiles, not that of the background.
  const readSea = async () => (await readMapPixel(page, ...SEA_PLACE)).join();
  await expect.poll(readSea, { timeout: 20_000 }).toBe(SEA);
  await page.evaluate(watchPixel, [...SEA_PLACE]);
  await expect.poll(() => readPresent(page), { timeout: 30_000 }).toBeGreaterThan(400);
  expect(await job.getAttribute("data-state")).toBe("running");
  await takePicture(page, "watch");
  pace.latencyMs = 0;
  await expect.poll(() => job.getAttribute("data-state"), { timeout: 20_000 }).toBe("done");
  await expect.poll(() => readPresent(page)).toBe(1024);
  const colours = await page.evaluate(() => window.coloursSeen);
  expect([...new Set(colours)]).toEqual([SEA]);
  await end();
}, 90_000);

test("a list of jobs that comes late does not set back what was told meanwhile", async () => {
  pace.latencyMs = 120;
  const { page, end } = await visit(browser, site.url);
  const form = await openSection(page, "New job");
  await form.getByLabel("URL template").fill(site.origin.template);
  await form.getByLabel("Box: west, south, east, north").fill("-180, -85, 180, 85");
  await form.getByLabel("Zooms").fill("0-3");
  await form.getByLabel("File", { exact: true }).fill("late.gpkg");
  // Asked for when the new cache appears; answered while the job runs, and brought when it is done.
  const made = Promise.withResolvers<string>();
  const release = Promise.withResolvers<undefined>();
  await page.route("**/api/jobs?limit=100", async (route) => {
    const response = await route.fetch();
    made.resolve(await response.text());
    await release.promise;
    await route.fulfill({ response });
  });
  await form.getByRole("button", { name: "Start" }).click();
  const { jobs } = JSON.parse(await made.promise) as { jobs: { state: string; request: { store: string } }[] };
  expect(jobs.find(({ request }) => request.store === "late.gpkg")?.state).toBe("running");
  pace.latencyMs = 0;
  const job = page.getByRole("listitem", { name: "Job late.gpkg" });
  await expect.poll(() => job.getAttribute("data-state"), { timeout: 20_000 }).toBe("done");
  const brought = page.waitForResponse("**/api/jobs?limit=100");
  release.resolve(undefined);
  await (await brought).finished();
  await delay(300);
  expect(await job.getAttribute("data-state")).toBe("done");
  await end();
}, 60_000);

/** Notes the colours of a place of the map, overlays left out, in every frame from now on. In the page. */
function watchPixel([x = 0, y = 0]: number[]): void {
  const colours: string[] = (window.coloursSeen = []);
  const look = (): void => {
    const canvas = document.querySelector<HTMLCanvasElement>(".ol-layer canvas");
    const ratio = devicePixelRatio;
    colours.push((canvas?.getContext("2d")?.getImageData(x * ratio, y * ratio, 1, 1).data ?? []).slice(0, 3).join());
    requestAnimationFrame(look);
  };
  look();
}
