import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The built command line where there is one, else the source. */
export const TILTH = existsSync(built)
  ? fileURLToPath(new URL("../../bin/tilth.js", import.meta.url))
  : fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export const WORLD = ["--bbox", "-180,-85.06,180,85.06"];

export async function withFolder<T>(use: (path: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
  try {
    return await use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A service on a bad day: one answer in ten is not a tile, and a quota by time. */
export const FAULTS = {
  seed: 11,
  status500: 0.05,
  hang: 0.01,
  cut: 0.01,
  reset: 0.01,
  html: 0.01,
  throttle: { every: 800, retryAfterS: 1 },
};

/** One line of a table: what was measured, against its bar. */
export function row(what: string, value: string, bar: string, met: boolean): void {
  console.log(`${met ? "  ok " : "MISS "} ${what.padEnd(52)} ${value.padEnd(34)} bar ${bar}`);
  if (!met) process.exitCode = 1;
}
