import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { FaultPlan, TileProvider } from "../origin/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { readCacheTiles } from "./support/read_cache.ts";
import { plainTiles, startSite, type Site } from "./support/site.ts";
import { openSection, takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;
/** Of the tile service; changed while it runs. */
const faults: FaultPlan = { seed: 7 };
const pace = { latencyMs: 0 };

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
  const tiles = await plainTiles();
  const slowTiles: TileProvider = async (...tile) => {
    await delay(pace.latencyMs);
    return tiles(...tile);
  };
  site = await startSite({ origin: { tiles: slowTiles, faults } });
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const LEVELS = [0, 1, 2, 3, 4];
const readTiles = (file: string) => readCacheTiles(join(site.data, file), LEVELS);

/** The number behind `name` in the legend: tiles in view. */
async function readLegend(page: Page, state: string): Promise<number> {
  return Number((await page.locator(`.legend [data-state=${state}] b`).textContent())?.replaceAll(",", ""));
}

const card = (page: Page, file: string, index = 0) => page.getByRole("listitem", { name: `Job ${file}` }).nth(index);

test("draw, estimate, start, watch, pause, resume, cancel, again, inspect", async () => {
  const { page, end } = await visit(browser, site.url);
  await page.getByText("There is no cache here yet").waitFor();
  const form = await openSection(page, "New job");

  // Draw: the box is where the pointer was, as the bar said.
  await form.getByLabel("URL template").fill(site.origin.template);
  await form.getByRole("button", { name: "Draw box" }).click();
  const corners: [number, number][] = [];
  for (const [x, y] of [
    [700, 300],
    [900, 420],
  ] as const) {
    await page.mouse.move(x - 5, y, { steps: 2 });
    await page.mouse.move(x, y, { steps: 2 });
    const text = (await page.locator(".place span").first().textContent()) ?? "";
    corners.push(text.split(",").map(Number) as [number, number]);
    await page.mouse.click(x, y);
  }
  const box = form.getByLabel("Box: west, south, east, north");
  await expect.poll(() => box.inputValue()).not.toBe("");
  const drawn = (await box.inputValue()).split(",").map(Number);
  const [[west, north], [east, south]] = corners as [[number, number], [number, number]];
  [west, south, east, north].forEach((value, index) => expect(drawn[index]).toBeCloseTo(value, 3));

  // Estimate: at once with every change. 1 + 4 + 16 + 64 + 256 tiles of the whole world.
  await box.fill("-180, -85, 180, 85");
  await form.getByLabel("Zooms").fill("0-2");
  const estimate = form.getByRole("status", { name: "Estimate" });
  await expect.poll(() => estimate.textContent()).toMatch(/^21 tiles/);
  await form.getByLabel("Zooms").fill("0-4");
  await expect.poll(() => estimate.textContent()).toMatch(/^341 tiles/);
  // And when its user rests, a sample says bytes and time.
  await expect
    .poll(() => estimate.textContent(), { timeout: 8000 })
    .toMatch(/about [\d.]+ k?B · about .*s at [\d.]+\/s/);
  await takePicture(page, "estimate");

  // Start, watch (a service slow enough to be watched): what the page counts is in the file.
  pace.latencyMs = 400;
  await form.getByLabel("File", { exact: true }).fill("plain.gpkg");
  await form.getByRole("button", { name: "Start" }).click();
  const job = card(page, "plain.gpkg");
  await expect.poll(() => job.getByRole("progressbar").getAttribute("aria-valuenow").then(Number)).toBeGreaterThan(5);
  await page.getByRole("combobox", { name: "Coverage of level" }).selectOption("4");
  await expect.poll(() => job.textContent()).toMatch(/\/s · .* to go/);
  await takePicture(page, "running");

  await job.getByRole("button", { name: "Pause: plain.gpkg" }).click();
  await expect.poll(() => job.getAttribute("data-state")).toBe("paused");
  const paused = (await readTiles("plain.gpkg")).size;
  expect(paused).toBeGreaterThan(0);
  expect(paused).toBeLessThan(341);
  await expect.poll(() => job.textContent()).toContain(`stored ${paused}`);

  await job.getByRole("button", { name: "Resume: plain.gpkg" }).click();
  await expect.poll(() => job.getAttribute("data-state")).toBe("running");
  await expect.poll(() => job.textContent()).toContain(`present ${paused}`);
  await job.getByRole("button", { name: "Cancel: plain.gpkg" }).click();
  await expect.poll(() => job.getAttribute("data-state")).toBe("cancelled");
  const cancelled = await readTiles("plain.gpkg");
  expect(cancelled.size).toBeGreaterThanOrEqual(paused);
  expect(cancelled.size).toBeLessThan(341);
  const deepest = [...cancelled.keys()].filter((tile) => tile.startsWith("4/")).length;
  await expect.poll(() => readLegend(page, "present")).toBe(deepest);
  await expect.poll(() => readLegend(page, "missing")).toBe(256 - deepest);

  // On with it: only what is missing is asked for.
  pace.latencyMs = 5;
  const before = site.origin.requests.total;
  await job.getByRole("button", { name: "Resume: plain.gpkg" }).click();
  const again = card(page, "plain.gpkg");
  await expect.poll(() => again.getAttribute("data-state"), { timeout: 15_000 }).toBe("done");
  expect(site.origin.requests.total - before).toBe(341 - cancelled.size);
  expect(await again.textContent()).toContain("100 % of 341");
  const whole = await readTiles("plain.gpkg");
  expect(whole.size).toBe(341);
  await expect.poll(() => readLegend(page, "present")).toBe(256);

  // Inspect: the tile under the pointer, as it is in the file.
  await page.mouse.click(825, 300);
  const tile = await openSection(page, "Tile");
  await expect.poll(() => tile.textContent()).toContain("SHA-256");
  const facts = new Map<string, string>();
  for (const row of await tile.locator(".facts > div").all())
    facts.set((await row.locator("dt").textContent()) ?? "", (await row.locator("dd").textContent()) ?? "");
  const inFile = whole.get(facts.get("Address") ?? "");
  expect(inFile).toBeDefined();
  expect(facts.get("SHA-256")).toBe(inFile?.sha256);
  expect(facts.get("Size")).toContain(`(${inFile?.sizeBytes.toLocaleString("en-GB")} bytes)`);
  expect(facts.get("State")).toBe("Present");
  expect(facts.get("Type")).toBe("image/png");
  expect(facts.get("Source URL")).toContain(site.origin.url);
  await takePicture(page, "inspected");
  await end();
}, 60_000);

test("failed tiles are listed with their reasons, drawn, and asked for again", async () => {
  // A tenth of the tiles answers 500 for ever, then all of them come.
  faults.permanent500 = 0.1;
  const { page, end } = await visit(browser, site.url);
  const form = await openSection(page, "New job");
  await form.getByLabel("URL template").fill(site.origin.template);
  await form.getByLabel("Box: west, south, east, north").fill("-180, -85, 180, 85");
  await form.getByLabel("Zooms").fill("0-3");
  await form.getByLabel("File", { exact: true }).fill("failing.gpkg");
  await form.locator("summary", { hasText: "More" }).click();
  await form.getByLabel("Retries").fill("0");
  await form.getByRole("button", { name: "Start" }).click();
  const job = card(page, "failing.gpkg");
  await expect.poll(() => job.getAttribute("data-state"), { timeout: 15_000 }).toBe("incomplete");
  const stored = (await readCacheTiles(join(site.data, "failing.gpkg"), [0, 1, 2, 3])).size;
  expect(stored).toBeLessThan(85);
  expect(await job.textContent()).toContain(`failed ${85 - stored}`);

  await job.locator("summary", { hasText: "Failed tiles" }).click();
  const first = job.getByRole("list", { name: "Failed tiles" }).getByRole("listitem").first();
  await expect.poll(() => first.textContent()).toContain("500");
  await first.getByRole("button").click();
  const tile = await openSection(page, "Tile");
  await expect.poll(() => tile.textContent()).toContain("Failed");
  // There are no bytes of it.
  expect(await tile.locator(".facts dt").allTextContents()).not.toContain("Size");
  await page.getByRole("combobox", { name: "Coverage of level" }).selectOption("3");
  await expect.poll(() => readLegend(page, "failed")).toBeGreaterThan(0);
  await takePicture(page, "failed");

  faults.permanent500 = 0;
  await job.getByRole("button", { name: "Retry failed: failing.gpkg" }).click();
  await expect.poll(() => job.getAttribute("data-state"), { timeout: 15_000 }).toBe("done");
  expect((await readCacheTiles(join(site.data, "failing.gpkg"), [0, 1, 2, 3])).size).toBe(85);
  await expect.poll(() => readLegend(page, "failed")).toBe(0);
  await end();
}, 60_000);

test("what fails is listed while the job runs, and goes on being listed", async () => {
  faults.permanent500 = 0.2;
  pace.latencyMs = 300;
  const { page, end } = await visit(browser, site.url);
  const headers = { "content-type": "application/json" };
  const body = {
    source: site.origin.template,
    bbox: [-180, -85, 180, 85],
    zooms: "0-5",
    store: "slow.gpkg",
    retries: 0,
  };
  await fetch(`${site.url}api/jobs`, { method: "POST", headers, body: JSON.stringify(body) });
  const job = card(page, "slow.gpkg");
  await job.locator("summary", { hasText: "Failed tiles" }).click();
  const items = job.getByRole("list", { name: "Failed tiles" }).getByRole("listitem");
  await expect.poll(() => items.count()).toBeGreaterThan(0);
  const before = await items.count();
  expect(await items.first().textContent()).toContain("500");
  await expect.poll(() => items.count(), { timeout: 8_000 }).toBeGreaterThan(before);
  expect(await job.getAttribute("data-state")).toBe("running");
  const texts = await items.allTextContents();
  expect(new Set(texts).size).toBe(texts.length);
  await job.getByRole("button", { name: "Cancel: slow.gpkg" }).click();
  await expect.poll(() => job.getAttribute("data-state")).toBe("cancelled");
  await expect.poll(() => items.count()).toBeGreaterThan(0);
  faults.permanent500 = 0;
  pace.latencyMs = 0;
  await end();
}, 60_000);
