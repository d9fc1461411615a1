import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser } from "./support/chromium.ts";
import { startSite } from "./support/site.ts";
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
