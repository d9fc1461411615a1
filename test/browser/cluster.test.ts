import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Tokens } from "../../src/server/index.ts";
import { FakeBook, fakeSeed } from "../support/fake_book.ts";
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

const ID = "0f3a52c19b6d7e84";
const seedOf = (section: Locator): Locator => section.getByRole("listitem", { name: `Seed world ${ID}` });

/** Running, with one block that failed too often. */
function troubled(): FakeBook {
  const seed = fakeSeed();
  const book = new FakeBook({
    ...seed,
    counts: { ...seed.counts, failed: 100 },
    failures: { "cluster.deadBlock": 100 },
    blocks: { ...seed.blocks, dead: 1 },
  });
  const range = { z: 5, minX: 10, minY: 0, maxX: 19, maxY: 9 };
  book.dead.set(ID, [{ number: 4, range, attempts: 9, error: "the host answered 500" }]);
  return book;
}

test("a seed of the cluster is watched, paused, resumed, sent again, and cancelled when that is meant", async () => {
  const book = troubled();
  const site = await startSite({ server: { cluster: book } });
  const { page, end } = await visit(browser, site.url);
  const section = await openSection(page, "Cluster");
  const seed = seedOf(section);
  const state = (): Promise<string | null> => seed.getAttribute("data-state");
  const click = (name: string): Promise<void> => seed.getByRole("button", { name }).click();
  await expect.poll(() => seed.textContent()).toMatch(/54 % of 1,365 · 900 kB · 24\/s · 26 s to go/);
  expect(await seed.textContent()).toContain("blocks: 8 done, 2 in work, 3 waiting");
  await seed.getByText("1 worker, 1 silent").click();
  expect(await seed.getByRole("list", { name: "Workers" }).getByRole("listitem").allTextContents()).toEqual([
    "east2 blocks, 400 stored, 24.0/s",
    "west0 blocks, 200 stored, 0.0/s, silent for 1 min",
  ]);
  await seed.getByText("1 dead block").click();
  const dead = seed.getByRole("list", { name: "Dead blocks" });
  await expect.poll(() => dead.textContent()).toBe("5: 10–19 × 0–9, 9 attempts: the host answered 500");
  await takePicture(page, "cluster");
  await click("Pause");
  await expect.poll(state).toBe("paused");
  await click("Resume");
  await expect.poll(state).toBe("running");
  await click("Retry failed");
  await expect.poll(() => seed.textContent()).not.toContain("dead block");
  await click("Cancel");
  await click("Keep it");
  expect(await state()).toBe("running");
  await click("Cancel");
  await click("Cancel it");
  await expect.poll(state).toBe("cancelled");
  expect(book.seeds.get(ID)?.state).toBe("cancelled");
  expect(await seed.getByRole("button").count()).toBe(0);
  await end();
  await site.close();
});

test("what changes is seen while the panel is open; closed, nothing is asked", async () => {
  const book = new FakeBook();
  const site = await startSite({ server: { cluster: book } });
  const { page, end } = await visit(browser, "about:blank");
  await page.clock.install();
  await page.goto(site.url);
  const section = await openSection(page, "Cluster");
  await section.getByText("No seeds yet").waitFor();
  const seed = fakeSeed();
  book.put({
    ...seed,
    counts: { ...seed.counts, stored: 1320 },
    state: "ended",
    endedAtMs: seed.submittedAtMs + 60_000,
  });
  await expect.poll(() => seedOf(section).getAttribute("data-state")).toBe("done");
  book.put(seed);
  await expect.poll(() => seedOf(section).getAttribute("data-state")).toBe("running");
  await section.locator("> summary").click();
  await expect.poll(() => seedOf(section).count()).toBe(0);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.clock.runFor(10_000);
  await expect.poll(() => asked).toContain("/api/status");
  expect(asked).not.toContain("/api/cluster/seeds");
  await end();
  await site.close();
});

test("a database that is away is told in the panel, and what was seen stays until it is back", async () => {
  const book = new FakeBook(fakeSeed());
  const site = await startSite({ server: { cluster: book } });
  const { page, faults } = await visit(browser, site.url);
  const section = await openSection(page, "Cluster");
  await seedOf(section).waitFor();
  book.database = "away";
  await section.getByRole("alert").getByText("no connection").waitFor();
  expect(await seedOf(section).count()).toBe(1);
  book.database = "up";
  await expect.poll(() => section.getByRole("alert").count()).toBe(0);
  // The browser's own line for a 503, and nothing else.
  expect(faults.filter((fault) => !fault.includes("503"))).toEqual([]);
  await page.context().close();
  await site.close();
});

test("a reader looks and does not act; a server without a cluster has no such panel", async () => {
  const tokens = new Tokens({ operator: "operator-of-the-test", reader: "reader-of-the-test-1" });
  const site = await startSite({ server: { cluster: new FakeBook(fakeSeed()), tokens } });
  const extraHTTPHeaders = { authorization: "Bearer reader-of-the-test-1" };
  const { page, end } = await visit(browser, site.url, { extraHTTPHeaders });
  const section = await openSection(page, "Cluster");
  await seedOf(section).waitFor();
  expect(await seedOf(section).getByRole("button").count()).toBe(0);
  await end();
  await site.close();
  const plain = await startSite();
  const other = await visit(browser, plain.url);
  await other.page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  expect(await other.page.getByRole("heading", { name: "Cluster" }).count()).toBe(0);
  await other.end();
  await plain.close();
});
