// What happens when things go wrong, and how long it takes: cancel, faults, kills, a dead host, resume, dry run.
// node bench/resilience.ts     after `npm run build`
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { noiseTiles, startOrigin } from "../test/origin/index.ts";
import { FAULTS, row, TILTH, withFolder, WORLD } from "./support/cases.ts";
import { measure, median } from "./support/measure.ts";
import { hashesOf, sameTiles } from "./support/tile_hashes.ts";
import { startNginx, startOriginProcess } from "./support/tile_server.ts";

function seedArgs(template: string, zoom: string, out: string, ...more: string[]): string[] {
  return [TILTH, "seed", template, ...WORLD, "--zoom", zoom, "--out", out, "--quiet", "--json", ...more];
}

async function measureResume(): Promise<void> {
  await withFolder(async (path) => {
    const server = (await startNginx(7)) ?? (await startOriginProcess({ kind: "noise" }));
    const args = seedArgs(server.template, "0-7", path("out.gpkg"));
    await measure(process.execPath, args);
    const starts: number[] = [];
    const resumes: number[] = [];
    for (let run = 0; run < 5; run++) {
      starts.push((await measure(process.execPath, [TILTH, "--version"])).wallS);
      resumes.push((await measure(process.execPath, args)).wallS);
    }
    const seconds = median(resumes) - median(starts);
    row("resume over 21,845 present tiles", `${seconds.toFixed(2)} s beyond process start`, "<= 0.5 s", seconds <= 0.5);
    await server.close();
  });
}

async function measureDryRun(): Promise<void> {
  await withFolder(async (path) => {
    const server = await startOriginProcess({ kind: "noise" });
    const walls: number[] = [];
    for (let run = 0; run < 3; run++)
      walls.push(
        (await measure(process.execPath, seedArgs(server.template, "0-16", path("out.gpkg"), "--dry-run"))).wallS,
      );
    row("--dry-run of z0-16 of the world", `${median(walls).toFixed(2)} s`, "<= 1 s", median(walls) <= 1);
    await server.close();
  });
}

async function measureCancel(): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    await withFolder(async (path) => {
      const server = await startOriginProcess({ kind: "noise", faults: { seed: run, hang: 0.02 } });
      const child = spawn(process.execPath, seedArgs(server.template, "0-8", path("out.gpkg")), { stdio: "ignore" });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const started = performance.now();
      child.kill("SIGINT");
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      if (code !== 130) throw new Error(`expected exit 130, got ${code}`);
      times.push((performance.now() - started) / 1000);
      await server.close();
    });
  }
  row(
    "SIGINT to exit, hanging upstream (worst of 5)",
    `${Math.max(...times).toFixed(2)} s`,
    "<= 1 s",
    Math.max(...times) <= 1,
  );
}

async function measureFaults(): Promise<void> {
  await withFolder(async (path) => {
    const clean = await startOriginProcess({ kind: "noise" });
    const cleanRun = await measure(process.execPath, seedArgs(clean.template, "0-6", path("clean.gpkg")));
    await clean.close();
    const faulty = await startOriginProcess({ kind: "noise", faults: FAULTS });
    const run = await measure(
      process.execPath,
      seedArgs(faulty.template, "0-6", path("faulty.gpkg"), "--timeout", "3s"),
    );
    await faulty.close();
    const same = sameTiles(hashesOf(path("clean.gpkg")), hashesOf(path("faulty.gpkg")));
    const retries = /"retries":(\d+)/.exec(run.stdout)?.[1];
    row(
      "seed through faults, 5,461 tiles",
      `exit ${run.code}, ${same ? "identical" : "DIFFERENT"}, ${run.wallS.toFixed(1)} s (clean ${cleanRun.wallS.toFixed(1)}), ${retries} retries`,
      "identical, exit 0",
      run.code === 0 && same,
    );
  });
}

async function measureKills(): Promise<void> {
  await withFolder(async (path) => {
    const origin = await startOrigin({ tiles: await noiseTiles(), latencyMs: 3 });
    const out = path("out.gpkg");
    for (let kill = 0; kill < 20; kill++) {
      const child = spawn(process.execPath, seedArgs(origin.template, "0-6", out, "--concurrency", "8"), {
        stdio: "ignore",
      });
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 500));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
    }
    const last = await measure(process.execPath, seedArgs(origin.template, "0-6", out));
    const verify = await measure(process.execPath, [TILTH, "verify", out, "--json"]);
    const twice = [...origin.requests.byPath.values()].reduce((sum, count) => sum + count - 1, 0);
    const noise = await noiseTiles();
    const hashes = hashesOf(out);
    let wrong = 0;
    for (const [key, hex] of hashes) {
      const [z = 0, x = 0, y = 0] = key.split("/").map(Number);
      const tile = await noise(z, x, y, 1);
      if (
        Buffer.from(tile?.data ?? [])
          .toString("hex")
          .toUpperCase() !== hex
      )
        wrong += 1;
    }
    const perKill = twice / 20;
    // At most what one second of fetching leaves uncommitted: a batch of 500 and the requests in flight.
    row(
      "20 x kill -9, resumed each time",
      `${hashes.size} tiles, ${wrong} wrong, ${perKill.toFixed(0)} fetched twice a kill`,
      "0 wrong, <= 508 a kill",
      last.code === 0 && verify.code === 0 && wrong === 0 && hashes.size === 5461 && perKill <= 508,
    );
    await origin.close();
  });
}

async function measureDeadHost(): Promise<void> {
  await withFolder(async (path) => {
    const server = await startOriginProcess({ kind: "noise", faults: { seed: 1, dead: "reset" } });
    const run = await measure(
      process.execPath,
      seedArgs(server.template, "0-9", path("out.gpkg"), "--failed", path("failed.jsonl")),
    );
    const requests = await server.countRequests();
    const lines = readFileSync(path("failed.jsonl"), "utf8").trim().split("\n").length;
    row(
      "dead host, 349,525 tiles",
      `exit ${run.code}, ${run.wallS.toFixed(0)} s, ${requests} requests, ${lines} lines`,
      "exit 3, bounded, probes only",
      run.code === 3 && requests < 200,
    );
    await server.close();
    rmSync(path("failed.jsonl"));
  });
}

const only = process.argv[2];
const cases = { measureResume, measureDryRun, measureCancel, measureFaults, measureKills, measureDeadHost };
for (const [name, run] of Object.entries(cases))
  if (only === undefined || name.toLowerCase().includes(only)) await run();
