// Cached tiles over HTTP, side by side: a bare Node server over the same file, `tilth serve`, MapProxy under gunicorn where it is installed.
// node bench/serve.ts [RUNS]     needs wrk; `npm run build` first
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { getGrid, openStore } from "../src/index.ts";
import { noiseTiles } from "../test/origin/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { median } from "./support/measure.ts";

const runs = Number(process.argv[2] ?? 5);
const ZOOM = 6;
const SECONDS = 5;
const CONNECTIONS = 32;

interface Load {
  perSecond: number;
  p99Ms: number;
}

/** All tiles of one zoom, 4,096 of about 20 kB. */
async function writeArchive(path: string): Promise<void> {
  const store = await openStore(path, { mode: "write", grid: getGrid("WebMercatorQuad") });
  const side = 2 ** ZOOM;
  const draw = await noiseTiles();
  for (let x = 0; x < side; x++) {
    const writes = Array.from({ length: side }, async (_, y) => {
      const data = (await draw(ZOOM, x, y, 1))?.data ?? new Uint8Array();
      return { kind: "tile" as const, tile: { z: ZOOM, x, y }, data, fetchedAtMs: Date.now() };
    });
    await store.putMany(await Promise.all(writes));
  }
  await store.close();
}

/** Starts a server that says its address on its first line. */
async function start(args: readonly string[]): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const url = line.startsWith("{") ? (JSON.parse(line) as { url: string }).url : line;
    return { url, child };
  }
  throw new Error(`${args.join(" ")} ended without an address`);
}

function load(url: string, script: string): Load {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "--latency", "-s", script, url];
  const { stdout } = spawnSync("wrk", args, { encoding: "utf8" });
  if (stdout.includes("Non-2xx")) throw new Error(`${url} answered with errors:\n${stdout}`);
  const [, value = "", unit = ""] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  const scale = unit === "us" ? 0.001 : unit === "s" ? 1000 : 1;
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), p99Ms: Number(value) * scale };
}

if (spawnSync("wrk", ["-v"]).error !== undefined) throw new Error("wrk is not installed");
await withFolder(async (path) => {
  const file = path("world.gpkg");
  await writeArchive(file);
  const script = path("tiles.lua");
  const side = 2 ** ZOOM;
  writeFileSync(
    script,
    `local n = 0
request = function()
  n = n + 1
  local i = (n * 1103) % ${side * side}
  return wrk.format("GET", string.format("/tiles/world/${ZOOM}/%d/%d", i % ${side}, math.floor(i / ${side})))
end
`,
  );
  const bare = await start([fileURLToPath(new URL("support/bare_tiles.ts", import.meta.url)), file]);
  const tilth = await start([TILTH, "serve", file, "--port", "0", "--json", "--quiet"]);
  const results: { bare: Load; tilth: Load }[] = [];
  for (let run = 0; run <= runs; run++) {
    const result = { bare: load(bare.url, script), tilth: load(tilth.url, script) };
    // The first warms both up.
    if (run > 0) results.push(result);
  }
  for (const { child } of [bare, tilth]) child.kill("SIGTERM");
  const ratio = median(results.map((one) => one.tilth.perSecond / one.bare.perSecond));
  const slower = median(results.map((one) => one.tilth.p99Ms / one.bare.p99Ms));
  const speed = Math.round(median(results.map((one) => one.tilth.perSecond)));
  row("cached tiles against bare Node", `${ratio.toFixed(2)} x (${speed}/s)`, ">= 0.7 x", ratio >= 0.7);
  row("99 % of them within, against bare Node", `${slower.toFixed(2)} x the time`, "<= 2 x", slower <= 2);
});
