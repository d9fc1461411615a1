import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  wallS: number;
  /** User and system, all processes of the command. */
  cpuS: number;
  /** Largest sum of resident memory over the processes of the command, MB. */
  peakRssMb: number;
  code: number;
  stdout: string;
}

const MARK = "@@time";

/** Runs a whole command and measures it from outside: bash's `time`, and /proc for memory. */
export async function measure(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Measured> {
  const script = `TIMEFORMAT='${MARK} %R %U %S'; time "$@"`;
  const child = spawn("bash", ["-c", script, "bash", command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  let peakKb = 0;
  const timer = setInterval(() => (peakKb = Math.max(peakKb, treeRssKb(child.pid ?? 0))), 20);
  const code = await new Promise<number>((resolve) => child.on("close", (value) => resolve(value ?? 1)));
  clearInterval(timer);
  const [wallS = 0, user = 0, system = 0] = (stderr.split(MARK)[1] ?? "").trim().split(/\s+/).map(Number);
  if (code !== 0) console.error(`${command} ${args.join(" ")} ended with ${code}: ${stderr.slice(0, 2000)}`);
  return { wallS, cpuS: user + system, peakRssMb: peakKb / 1024, code, stdout };
}

function treeRssKb(root: number): number {
  const parents = new Map<number, { parent: number; rssKb: number }>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      parents.set(Number(name), {
        parent: Number(/PPid:\s+(\d+)/.exec(status)?.[1]),
        rssKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
      });
    } catch {
      // The process ended between the listing and the reading.
    }
  }
  let sum = 0;
  for (const [pid, { rssKb }] of parents) if (isBelow(pid, root, parents)) sum += rssKb;
  return sum;
}

function isBelow(pid: number, root: number, parents: Map<number, { parent: number }>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)?.parent)
    if (at === root) return true;
  return false;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Median of each figure over several runs, taking turns so that a noisy minute hits all alike. @throws Error when a run fails: it would be fast */
export async function compare(
  runs: number,
  candidates: Readonly<Record<string, () => Promise<Measured>>>,
): Promise<Record<string, Measured>> {
  const results: Record<string, Measured[]> = {};
  for (let run = 0; run < runs; run++) {
    for (const [name, start] of Object.entries(candidates)) {
      const measured = await start();
      if (measured.code !== 0) throw new Error(`${name} ended with ${measured.code}: nothing to compare`);
      (results[name] ??= []).push(measured);
    }
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, list]) => [
      name,
      {
        wallS: median(list.map((result) => result.wallS)),
        cpuS: median(list.map((result) => result.cpuS)),
        peakRssMb: median(list.map((result) => result.peakRssMb)),
        code: Math.max(...list.map((result) => result.code)),
        stdout: list.at(-1)?.stdout ?? "",
      },
    ]),
  );
}
