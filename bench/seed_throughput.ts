// Tiles a second and CPU of a whole seed, side by side: the bare loop, Tilth, and mapproxy-seed where it is installed.
// node bench/seed_throughput.ts [RUNS]     needs `npm run build` first (users run the built form)
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { compare, measure, median, type Measured } from "./support/measure.ts";
import { runMapproxySeed } from "./support/mapproxy.ts";
import { startNginx, startOriginProcess, type TileServer } from "./support/tile_server.ts";

const TILES = 5461;
const runs = Number(process.argv[2] ?? 5);
const dist = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** As users start it. */
const built = fileURLToPath(new URL("../bin/tilth.js", import.meta.url));
const source = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const bare = fileURLToPath(new URL("./support/bare_loop.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));

function bareLoop(server: TileServer, connections: number): () => Promise<Measured> {
  return () =>
    measure(process.execPath, [bare, server.template, "6", String(connections), join(folder, "bare.sqlite")]);
}

function tilth(main: string, server: TileServer, concurrency: string): () => Promise<Measured> {
  return () => {
    const out = join(folder, "tilth.gpkg");
    rmSync(out, { force: true });
    const args = [
      main,
      "seed",
      server.template,
      "--bbox",
      "-180,-85.06,180,85.06",
      "--zoom",
      "0-6",
      "--out",
      out,
      "--quiet",
      "--json",
      "--concurrency",
      concurrency,
    ];
    return measure(process.execPath, args);
  };
}

function mapproxy(server: TileServer, mode: "defaults" | "best"): () => Promise<Measured> {
  return async () =>
    (await runMapproxySeed(server.template, 6, mode)) ?? {
      wallS: Number.NaN,
      cpuS: Number.NaN,
      peakRssMb: Number.NaN,
      code: 0,
      stdout: "",
    };
}

/** What one connection sees: the origin's own timer and work add to the 40 ms that it was told. */
async function measureLatency(template: string): Promise<number> {
  const agent = new Agent({ connections: 1 });
  const times: number[] = [];
  for (let index = 0; index < 40; index++) {
    const started = performance.now();
    const url = template.replace("{z}", "6").replace("{x}", String(index)).replace("{y}", "0");
    const { body } = await request(url, { dispatcher: agent });
    await body.arrayBuffer();
    times.push((performance.now() - started) / 1000);
  }
  await agent.close();
  return median(times);
}

function print(title: string, results: Record<string, Measured>): void {
  console.log(`\n${title}`);
  for (const [name, { wallS, cpuS, peakRssMb, stdout }] of Object.entries(results)) {
    const inside = /"tilesPerSecond":(\d+)/.exec(stdout)?.[1];
    console.log(
      `  ${name.padEnd(28)} ${wallS.toFixed(2)} s  ${Math.round(TILES / wallS)} tiles/s (inside ${inside ?? "-"})  CPU ${cpuS.toFixed(2)} s  RSS ${Math.round(peakRssMb)} MB`,
    );
  }
}

function ratio(results: Record<string, Measured>, of: string, to: string, figure: "wallS" | "cpuS"): string {
  return ((results[to]?.[figure] ?? Number.NaN) / (results[of]?.[figure] ?? Number.NaN)).toFixed(2);
}

try {
  const nginx = await startNginx(6);
  const server = nginx ?? (await startOriginProcess({ kind: "noise" }));
  const candidates: Record<string, () => Promise<Measured>> = { "bare loop, 16": bareLoop(server, 16) };
  if (existsSync(dist)) candidates["tilth (built), 16"] = tilth(built, server, "16");
  candidates["tilth (source), 16"] = tilth(source, server, "16");
  if (existsSync(dist)) candidates["tilth (built), auto"] = tilth(built, server, "auto");
  const fast = await compare(runs, candidates);
  print(`5,461 tiles, loopback, ${nginx === null ? "own origin" : "nginx"}, GeoPackage`, fast);
  console.log(
    `  tiles/s against the bare loop: built ${ratio(fast, "tilth (built), 16", "bare loop, 16", "wallS")} (bar 0.9)`,
  );
  const peers = await compare(Math.min(3, runs), {
    "tilth (built), auto": candidates["tilth (built), auto"] ?? tilth(source, server, "auto"),
    "mapproxy-seed defaults": mapproxy(server, "defaults"),
    "mapproxy-seed best": mapproxy(server, "best"),
  });
  print("against mapproxy-seed", peers);
  for (const mode of ["defaults", "best"]) {
    const [speed, cpu] = [
      ratio(peers, "tilth (built), auto", `mapproxy-seed ${mode}`, "wallS"),
      ratio(peers, "tilth (built), auto", `mapproxy-seed ${mode}`, "cpuS"),
    ];
    console.log(
      `  ${mode}: ${speed} x tiles/s (bar ${mode === "best" ? 2 : 10}), CPU 1/${cpu} (bar 1/${mode === "best" ? 2 : 8})`,
    );
  }
  await server.close();

  const slow = await startOriginProcess({ kind: "noise", latencyMs: 40 });
  const latencyS = await measureLatency(slow.template);
  const latent = await compare(Math.min(3, runs), {
    "bare loop, 16": bareLoop(slow, 16),
    "tilth (built), 16": tilth(existsSync(dist) ? built : source, slow, "16"),
  });
  print(`the same with 40 ms latency (${(latencyS * 1000).toFixed(1)} ms as one connection measures it)`, latent);
  const inside = (name: string): number => Number(/"tilesPerSecond":(\d+)/.exec(latent[name]?.stdout ?? "")?.[1]);
  for (const name of ["bare loop, 16", "tilth (built), 16"]) {
    console.log(
      `  ${name}: ${((inside(name) * latencyS) / 16).toFixed(3)} of concurrency / measured latency, ${(inside(name) / (16 / 0.04)).toFixed(3)} of 400 (bar 0.95)`,
    );
  }
  await slow.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
