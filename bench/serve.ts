// Cached tiles over HTTP, side by side: a bare Node server over the same file, `tilth serve`, MapProxy under gunicorn where it is installed.
// apt-get install wrk mapproxy gunicorn; npm run build
// node bench/serve.ts [RUNS]
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { getGrid, openStore } from "../src/index.ts";
import { noiseTiles } from "../test/origin/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { startMapproxy } from "./support/mapproxy_server.ts";
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

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** What is asked of a server: all tiles of the level, far from each other in the file. */
interface Target {
  /** `/{z}/{x}/{y}` and `suffix` follow. */
  readonly tiles: string;
  readonly suffix: string;
  /** A script for wrk. */
  readonly script: string;
}

function makeTarget(tiles: string, suffix: string, script: string): Target {
  const side = 2 ** ZOOM;
  writeFileSync(
    script,
    `local n = 0
request = function()
  n = n + 1
  local i = (n * 1103) % ${side * side}
  return wrk.format("GET", string.format("${new URL(tiles).pathname}/${ZOOM}/%d/%d${suffix}", i % ${side}, math.floor(i / ${side})))
end
`,
  );
  return { tiles, suffix, script };
}

function load({ tiles, script }: Target): Load {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "--latency", "-s", script, tiles];
  const { stdout } = spawnSync("wrk", args, { encoding: "utf8" });
  if (stdout.includes("Non-2xx")) throw new Error(`${tiles} answered with errors:\n${stdout}`);
  const [, value = "", unit = ""] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  const scale = unit === "us" ? 0.001 : unit === "s" ? 1000 : 1;
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), p99Ms: Number(value) * scale };
}

/** The same bytes from all, of tiles that have no mirror image: who is compared must do the same. @throws Error */
async function requireSameTiles(targets: readonly Target[]): Promise<void> {
  for (const [x, y] of [
    [5, 3],
    [40, 61],
  ]) {
    const answers = targets.map(async ({ tiles, suffix }) => {
      const answer = await fetch(`${tiles}/${ZOOM}/${x}/${y}${suffix}`);
      return Buffer.from(await answer.arrayBuffer()).toString("base64");
    });
    if (new Set(await Promise.all(answers)).size !== 1)
      throw new Error(`the servers give different tiles at ${ZOOM}/${x}/${y}`);
  }
}

if (spawnSync("wrk", ["-v"]).error !== undefined) throw new Error("wrk is not installed");
await withFolder(async (path) => {
  const file = path("world.gpkg");
  await writeArchive(file);
  const bareServer = await start([fileURLToPath(new URL("support/bare_tiles.ts", import.meta.url)), file]);
  const tilthServer = await start([TILTH, "serve", file, "--port", "0", "--json", "--quiet"]);
  const mapproxyServer = await startMapproxy(file, path("mapproxy"));
  const bare = makeTarget(`${bareServer.url}/tiles/world`, "", path("bare.lua"));
  const tilth = makeTarget(`${tilthServer.url}/tiles/world`, "", path("tilth.lua"));
  const mapproxy = mapproxyServer && makeTarget(mapproxyServer.tiles, ".png", path("mapproxy.lua"));
  const results: { bare: Load; tilth: Load; mapproxy: Load | null }[] = [];
  try {
    await requireSameTiles([bare, tilth, ...(mapproxy === null ? [] : [mapproxy])]);
    for (let run = 0; run <= runs; run++) {
      const result = { bare: load(bare), tilth: load(tilth), mapproxy: mapproxy && load(mapproxy) };
      // The first warms all up.
      if (run > 0) results.push(result);
    }
  } finally {
    // Until they are gone: the folder is removed under nobody's hands.
    for (const server of [bareServer, tilthServer, mapproxyServer]) if (server !== null) await stop(server.child);
  }
  const ratio = median(results.map((one) => one.tilth.perSecond / one.bare.perSecond));
  const slower = median(results.map((one) => one.tilth.p99Ms / one.bare.p99Ms));
  const speed = Math.round(median(results.map((one) => one.tilth.perSecond)));
  row("cached tiles against bare Node", `${ratio.toFixed(2)} x (${speed}/s)`, ">= 0.7 x", ratio >= 0.7);
  row("99 % of them within, against bare Node", `${slower.toFixed(2)} x the time`, "<= 2 x", slower <= 2);
  if (mapproxy === null) return console.log("MapProxy or gunicorn is not installed: left out");
  const peers = results.flatMap((one) => (one.mapproxy === null ? [] : [one.mapproxy.perSecond]));
  const faster = median(results.map((one) => one.tilth.perSecond / (one.mapproxy?.perSecond ?? Number.NaN)));
  const figures = `${faster.toFixed(1)} x (${Math.round(median(peers))}/s)`;
  row("cached tiles against MapProxy, gunicorn -w 2", figures, ">= 8 x", faster >= 8);
});
