import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser } from "./support/chromium.ts";
import { plainTiles, startSite } from "./support/site.ts";
import { openSection, takePicture, visit } from "./support/visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
});

afterAll(async () => {
  await browser?.close();
});

test("a host that fails: its breaker is open, and its last errors are listed", async () => {
  const site = await startSite({ origin: { faults: { seed: 1, permanent500: 1 } } });
  const { page, end } = await visit(browser, site.url);
  const section = await openSection(page, "Why is it slow?");
  await section.getByText("No host has been asked for anything yet.").waitFor();
  const headers = { "content-type": "application/json" };
  const body = { source: site.origin.template, bbox: [-180, -85, 180, 85], zooms: "0-4", store: "a.gpkg", retries: 0 };
  await fetch(`${site.url}api/jobs`, { method: "POST", headers, body: JSON.stringify(body) });
  const host = section.getByRole("listitem", { name: `Host ${new URL(site.origin.url).host}` });
  const fact = async (name: string): Promise<string> =>
    (await host
      .locator(".facts > div")
      .filter({ has: page.locator("dt", { hasText: name }) })
      .locator("dd")
      .textContent()) ?? "";
  await expect.poll(() => fact("Breaker")).toMatch(/^open: it failed too often/);
  // All that were asked failed; the rest waits for the breaker.
  const [, asked, failed] = /^(\d+), \d+ again, (\d+) failed$/.exec(await fact("Requests")) ?? [];
  expect(Number(failed)).toBeGreaterThanOrEqual(10);
  expect(Number(asked)).toBeLessThan(60);
  await host.getByText("Last errors", { exact: true }).click();
  const errors = host.getByRole("list", { name: "Last errors" }).getByRole("listitem");
  expect(await errors.count()).toBeGreaterThan(0);
  for (const text of await errors.allTextContents()) expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: .*500/);
  await takePicture(page, "breaker");
  await end();
  await site.close();
});

test("while the tiles of a slow source are waited for, the page answers", async () => {
  const plain = await plainTiles();
  const waiting = new AbortController();
  const tiles: typeof plain = async (...tile) => {
    await delay(20_000, null, { signal: waiting.signal }).catch(() => undefined);
    return plain(...tile);
  };
  const site = await startSite({ origin: { tiles }, caches: ({ template }) => ({ live: { source: template } }) });
  const { page, end } = await visit(browser, "about:blank");
  await page.goto(site.url, { waitUntil: "commit" });
  await expect.poll(() => site.origin.requests.total).toBeGreaterThanOrEqual(4);
  // A browser has six connections to a server; more tiles than these must not be asked for at a time.
  const section = await openSection(page, "Tile");
  await section.getByRole("button", { name: "Middle tile" }).click();
  await expect.poll(() => section.textContent(), { timeout: 5_000 }).toContain("Missing");
  waiting.abort();
  await end();
  await site.close();
});
