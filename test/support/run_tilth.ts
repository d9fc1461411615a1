import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface TilthRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The JSON report on stdout's last line; undefined when there is none. */
  report: Record<string, unknown> | undefined;
}

/** Runs the command line as a process of its own; `onStart` may send signals to it. */
export async function runTilth(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onStart?: (child: ChildProcess) => void } = {},
): Promise<TilthRun> {
  const { onStart, cwd } = options;
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"], cwd, env });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  onStart?.(child);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr, report: lastJson(stdout) };
}

function lastJson(stdout: string): Record<string, unknown> | undefined {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : undefined;
}
