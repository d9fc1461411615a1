import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Tokens } from "../../src/server/index.ts";
import { launchBrowser } from "./support/chromium.ts";
import { readCacheTiles } from "./support/read_cache.ts";
import { startSite, type Site } from "./support/site.ts";
import { openSection, readMapPixel, takePicture, visit } from "./support/visit.ts";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser(inject("browser"));
  site = await startSite({ jobs: [{ store: "world.gpkg", bbox: [-180, -85, 180, 85], zooms: "0-3" }] });
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const SECTIONS = ["Layers", "New job", "Jobs", "Tile", "Why is it slow?"];

const untilUsable = (page: Page) =>
  page.waitForFunction(() => performance.getEntriesByName("map-usable")[0]?.startTime).then((mark) => mark.jsonValue());

/** Requirements of the page: 250 kB compressed, 2 s. */
const MAX_BYTES = 250_000;
const MAX_MS = 2_000;

test("the first view weighs less than 250 kB and can be used within 2 s", async () => {
  const { page, end } = await visit(browser, "about:blank");
  const weights: Promise<[path: string, bytes: number]>[] = [];
  page.on("requestfinished", (request) => {
    const path = new URL(request.url()).pathname;
    // The line of events never ends, tiles are the user's.
    if (!path.startsWith("/tiles/")) weights.push(weigh(request, path));
  });
  await page.goto(site.url);
  const usableMs = await untilUsable(page);
  const listed = await Promise.all(weights);
  const bytes = listed.reduce((sum, [, weight]) => sum + weight, 0);
  console.log(`first view: ${bytes} bytes, usable after ${Math.round(usableMs ?? NaN)} ms`);
  // Whatever a first view is made of is among what was weighed.
  for (const part of [/^\/$/, /index-.*\.js$/, /\.css$/, /background-110m/, /^\/api\/caches$/])
    expect(listed.some(([path]) => part.test(path))).toBe(true);
  expect(bytes).toBeLessThan(MAX_BYTES);
  expect(usableMs).toBeLessThan(MAX_MS);
  await end();
});

async function weigh(
  request: { sizes: () => Promise<{ responseBodySize: number; responseHeadersSize: number }> },
  path: string,
): Promise<[string, number]> {
  const { responseBodySize, responseHeadersSize } = await request.sizes();
  return [path, responseBodySize + responseHeadersSize];
}

test("everything that can be pressed or filled in has a name", async () => {
  const { page, end } = await visit(browser, site.url);
  for (const title of SECTIONS) await openSection(page, title);
  await page.getByRole("button", { name: "Middle tile" }).click();
  await page.getByText("SHA-256").waitFor();
  await page.locator("summary", { hasText: "More" }).click();
  const search = page.getByLabel("Map CRS");
  await search.fill("swiss");
  await page.getByRole("status").filter({ hasText: "No system has this in its name" }).waitFor();
  await search.fill("LV95");
  await page.getByRole("list", { name: "Coordinate reference systems found" }).waitFor();
  // Names as Chromium and playwright compute them (accname): a role without one is followed by nothing in quotes.
  const lines = (await page.locator("body").ariaSnapshot()).split("\n").map((line) => line.trim());
  const named = /^- (button|textbox|combobox|checkbox|slider|searchbox|progressbar|meter|link|img|application|form)\b/;
  const things = lines.filter((line) => named.test(line));
  expect(things.length).toBeGreaterThan(35);
  expect(things.filter((line) => !/^- \w+ "[^"]+/.test(line))).toEqual([]);
  await end();
});

test("it works with keys alone", async () => {
  const { page, end } = await visit(browser, site.url);
  await untilUsable(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("To the panel");
  await page.keyboard.press("Tab");
  // The map: an arrow key moves it, minus zooms.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("map");
  const place = () => page.locator(".place").textContent();
  const before = await place();
  await page.keyboard.press("ArrowRight");
  await expect.poll(place).not.toBe(before);
  // On to the form, past whatever stands between; each stop shows where it is.
  const stops: string[] = [];
  for (let step = 0; step < 30 && (await focused()) !== "New job"; step++) {
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    stops.push(`${await focused()}: ${outline}`);
  }
  expect(await focused()).toBe("New job");
  expect(stops.filter((stop) => stop.endsWith(": none"))).toEqual([]);
  await page.keyboard.press("Enter");
  const type = async (name: string, text: string): Promise<void> => {
    const field = page.getByRole("textbox", { name, exact: true });
    for (let step = 0; step < 20 && !(await field.evaluate((node) => node === document.activeElement)); step++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(text);
  };
  await type("URL template", site.origin.template);
  await type("Box: west, south, east, north", "0, 0, 20, 20");
  await type("Zooms", "0-2");
  await type("File", "keys.gpkg");
  await page.keyboard.press("Enter");
  const job = page.getByRole("listitem", { name: "Job keys.gpkg" });
  await expect.poll(() => job.getAttribute("data-state")).toBe("done");
  expect((await readCacheTiles(`${site.data}/keys.gpkg`, [0, 1, 2])).size).toBe(3);
  await end();
});

describe("looks", () => {
  test("on a phone", async () => {
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    const { page, end } = await visit(browser, site.url, phone);
    await untilUsable(page);
    const { scrollWidth, wide } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      wide: [...document.querySelectorAll("#panel *")].filter((node) => node.getBoundingClientRect().right > 391)
        .length,
    }));
    expect({ scrollWidth, wide }).toEqual({ scrollWidth: 390, wide: 0 });
    expect(await isOnTop(page, ".attribution")).toBe(true);
    // Fingers: 40 px, as large as the smallest that the platforms recommend less a rim.
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("#panel button:not(.quiet), #panel select")]
        .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 39.5)
        .map((node) => node.textContent),
    );
    expect(small).toEqual([]);
    // The whole cache lies between the bar and the panel, and the scale is that of what can be seen.
    for (const y of [80, 400]) await expect.poll(() => readMapPixel(page, 100, y)).not.toEqual([0, 0, 0]);
    await expect.poll(() => page.locator(".ol-scale-line").textContent()).toBe("10000 km");
    await takePicture(page, "phone");
    await page.getByRole("button", { name: "Hide panel" }).click();
    expect(await page.getByRole("combobox", { name: "Cache", exact: true }).isVisible()).toBe(false);
    await takePicture(page, "phone-map");
    await end();
  });

  test("in the dark", async () => {
    const { page, end } = await visit(browser, site.url, { colorScheme: "dark" });
    await untilUsable(page);
    await page.getByRole("checkbox", { name: "Tiles" }).uncheck();
    await page.getByRole("checkbox", { name: "Coverage" }).uncheck();
    const brightness = (selector: string) =>
      page.locator(selector).evaluate((node) => {
        const numbers =
          getComputedStyle(node)
            .backgroundColor.match(/[\d.]+/g)
            ?.map(Number) ?? [];
        return (numbers[0] ?? 0) + (numbers[1] ?? 0) + (numbers[2] ?? 0);
      });
    for (const selector of ["#panel", ".bar", "#map"]) expect(await brightness(selector)).toBeLessThan(160);
    const sea = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".canvas-layer-background canvas");
      return [...(canvas?.getContext("2d")?.getImageData(600, 400, 1, 1).data ?? [])];
    });
    expect(sea).toEqual([0x12, 0x24, 0x2d, 255]);
    await page.getByRole("checkbox", { name: "Tiles" }).check();
    await takePicture(page, "dark");
    await end();
  });

  test.each(["light", "dark"] as const)("text can be read when it is %s", async (colorScheme) => {
    const { page, end } = await visit(browser, site.url, { colorScheme });
    for (const title of SECTIONS) await openSection(page, title);
    await page.getByRole("listitem", { name: "Job world.gpkg" }).waitFor();
    expect(await page.evaluate(listPaleTexts)).toEqual([]);
    await end();
  });

  test("attribution is always there", async () => {
    const { page, end } = await visit(browser, site.url);
    expect(await isOnTop(page, ".attribution")).toBe(true);
    expect(await page.locator(".attribution").textContent()).toContain("Natural Earth");
    await end();
  });
});

describe("a server with tokens", () => {
  const tokens = { operator: "operator-0123456789", reader: "reader-0123456789" };
  let guarded: Site;

  beforeAll(async () => {
    guarded = await startSite({ server: { tokens: new Tokens(tokens) } });
  });
  afterAll(() => guarded?.close());

  test("asks for one, and shows a reader no buttons that are not for readers", async () => {
    const { page, faults, end } = await visit(browser, guarded.url);
    const form = page.getByRole("form", { name: "Sign in" });
    await form.getByLabel("Token").fill("something else entirely");
    await form.getByRole("button", { name: "Sign in" }).click();
    await expect.poll(() => form.getByRole("alert").textContent()).toContain("token");
    await form.getByLabel("Token").fill(tokens.reader);
    await page.keyboard.press("Enter");
    await form.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    expect(await page.getByRole("heading", { name: "New job" }).count()).toBe(0);
    // Scripts cannot read the session.
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.getByRole("button", { name: "Sign out (reader)" }).click();
    await form.getByLabel("Token").fill(tokens.operator);
    await form.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "New job" }).waitFor();
    await expect.poll(() => page.locator(".line").textContent()).toBe("live");
    // A browser calls each 401 an error; nothing else may be one.
    expect(faults.filter((fault) => !fault.includes("401"))).toEqual([]);
    faults.length = 0;
    await end();
  });
});

test("why it is slow: each host with its limits and times, as plots", async () => {
  const { page, end } = await visit(browser, site.url);
  const section = await openSection(page, "Why is it slow?");
  const host = section.getByRole("listitem", { name: `Host ${new URL(site.origin.url).host}` });
  await host.waitFor();
  await expect.poll(() => host.locator(".u-over").count()).toBe(2);
  expect(await host.textContent()).toMatch(/In flight.*Breakerclosed.*Rate.*Latency.*Requests/);
  await expect
    .poll(() => page.locator(".server").textContent())
    .toMatch(/lag [\d.]+ ms · \d+ threads? · \d+ tasks? · queue/);
  const server = section.getByRole("group", { name: "This server since its start" });
  // The map has asked for tiles that are there; it is told again every 5 s.
  await expect
    .poll(() => server.textContent(), { timeout: 8_000 })
    .toMatch(/Tiles[1-9]\d* hit, 0 fetched, 0 enlarged, \d+ missing; [\d.]+ % hitsTime of a tile[\d.]+ ms half/);
  expect(await server.textContent()).toMatch(/Requests\d+, 0 % failed hereSent[\d.]+ [kM]B/);
  await host.scrollIntoViewIfNeeded();
  await takePicture(page, "hosts");
  await end();
});

/** Whether a person can see it: the topmost thing at its middle. */
function isOnTop(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return width > 0 && height > 0 && node.contains(hit);
  });
}

/** Texts of the panel with less contrast than WCAG 2.2 asks for (4.5, 1.4.3), in the page. */
function listPaleTexts(): string[] {
  const read = (text: string): number[] => text.match(/[\d.]+/g)?.map(Number) ?? [];
  const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
    const parts = [r, g, b]
      .map((value) => value / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
  };
  const backgroundOf = (node: Element | null): number[] => {
    if (node === null) return [255, 255, 255];
    const colour = read(getComputedStyle(node).backgroundColor);
    return colour.length === 4 && colour[3] === 0 ? backgroundOf(node.parentElement) : colour;
  };
  const hasText = (node: Element): boolean =>
    [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent?.trim() !== "");
  return [...document.querySelectorAll("#panel *, .bar *")]
    .filter((node) => hasText(node) && node.checkVisibility() && !node.closest(":disabled, .swatch, option, svg"))
    .flatMap((node) => {
      const [ink, paper] = [luminance(read(getComputedStyle(node).color)), luminance(backgroundOf(node))];
      const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      return contrast >= 4.5 ? [] : [`${node.textContent?.trim().slice(0, 30)}: ${contrast.toFixed(2)}`];
    });
}
