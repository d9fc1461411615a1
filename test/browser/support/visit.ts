import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";

export interface Visit {
  readonly page: Page;
  /** Requests that went anywhere else than to the page's own server. */
  readonly foreign: string[];
  /** Breaches of the content security policy, errors of scripts, and what else the console calls an error. */
  readonly faults: string[];
  /** Fails when there is one of those; closes the page. */
  end: () => Promise<void>;
}

/** `navigator.language` of a machine without one is `en-US@posix`, which no browser of a person says. */
const USUAL: BrowserContextOptions = { locale: "en-GB", viewport: { width: 1280, height: 800 } };

const STEP_MS = 10_000;

/** Looks at a page as a person would, and notes what a person would not see. The first page that is gone to says which origin is its own. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ ...USUAL, ...options });
  // Below a test's own limit, so that a failure names the step that it waited for.
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  const { foreign, faults } = watch(page);
  if (url !== "about:blank") await page.goto(url);
  const end = async (): Promise<void> => {
    await context.close();
    expect({ foreign, faults }).toEqual({ foreign: [], faults: [] });
  };
  return { page, foreign, faults, end };
}

function watch(page: Page): { foreign: string[]; faults: string[] } {
  const foreign: string[] = [];
  const faults: string[] = [];
  let own: string | undefined;
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    own ??= origin;
    if (origin !== own && protocol !== "data:" && protocol !== "blob:") foreign.push(request.url());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    const { url } = message.location();
    // A browser calls every tile that is not there an error.
    if (message.type() === "error" && !/\/(?:tiles|wmts|source)\b/.test(url)) faults.push(`${message.text()} ${url}`);
  });
  return { foreign, faults };
}

/** A picture among the output of the tests. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = fileURLToPath(new URL("../../../test-output/browser", import.meta.url));
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Opens a part of the panel. */
export async function openSection(page: Page, title: string): Promise<Locator> {
  const section = page
    .locator("#panel .sections > details")
    .filter({ has: page.getByRole("heading", { name: title }) });
  if ((await section.getAttribute("open")) === null) await section.locator("> summary").click();
  return section;
}

/** What the inspector says of a tile, by name; nothing while it shows none. */
export async function readFacts(section: Locator): Promise<Map<string, string>> {
  const [names, values] = await Promise.all([
    section.locator(".facts dt").allTextContents(),
    section.locator(".facts dd").allTextContents(),
  ]);
  return new Map(names.map((name, index) => [name, values[index] ?? ""]));
}

/** Red, green, blue of what the map shows at a place of the window, overlays left out. */
export async function readMapPixel(page: Page, x: number, y: number): Promise<[number, number, number]> {
  return page.evaluate(
    ([px = 0, py = 0]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".ol-layer canvas");
      const ratio = devicePixelRatio;
      const data = canvas?.getContext("2d")?.getImageData(px * ratio, py * ratio, 1, 1).data ?? [0, 0, 0];
      return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0] as [number, number, number];
    },
    [x, y],
  );
}
