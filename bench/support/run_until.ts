import { spawn } from "node:child_process";
import { TILTH } from "./cases.ts";

export interface End {
  readonly code: number | null;
  readonly wholeMs: number;
  /** From the signal on. */
  readonly endMs: number;
}

/** Runs Tilth and sends SIGINT after a time. */
export async function runUntil(args: readonly string[], stopMs: number, env = process.env): Promise<End> {
  const startedMs = performance.now();
  let stoppedMs = Infinity;
  const child = spawn(process.execPath, [TILTH, ...args, "--quiet"], { stdio: "ignore", env });
  const timer = setTimeout(() => {
    stoppedMs = performance.now();
    child.kill("SIGINT");
  }, stopMs);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  const now = performance.now();
  return { code, wholeMs: now - startedMs, endMs: Math.max(0, now - stoppedMs) };
}
