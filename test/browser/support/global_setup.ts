import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { findBrowser } from "./chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of the built page. */
    page: string;
    /** Path of the browser's program. */
    browser: string;
  }
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The page as it is shipped, and a browser; both before the first test file, for they all use them. */
export async function setup(project: TestProject): Promise<void> {
  const page = `${root}node_modules/.cache/tilth-viewer`;
  rmSync(`${root}test-output/browser`, { recursive: true, force: true });
  const building = build({ configFile: `${root}viewer/vite.config.ts`, logLevel: "warn", build: { outDir: page } });
  const [browser] = await Promise.all([findBrowser(), building]);
  project.provide("page", page);
  project.provide("browser", browser);
}
