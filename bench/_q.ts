import { startNginx } from "./support/tile_server.ts";
import { measure } from "./support/measure.ts";
import { rmSync } from "node:fs";
const server = await startNginx(6);
const flags = process.argv.slice(3);
for (let i = 0; i < Number(process.argv[2] ?? 3); i++) {
  const b = await measure(process.execPath, [
    "bench/support/bare_loop.ts",
    server!.template,
    "6",
    "16",
    "/tmp/bare.sqlite",
  ]);
  rmSync("/tmp/q.gpkg", { force: true });
  const m = await measure(process.execPath, [
    ...flags,
    "bin/tilth.js",
    "seed",
    server!.template,
    "--bbox",
    "-180,-85.06,180,85.06",
    "--zoom",
    "0-6",
    "--out",
    "/tmp/q.gpkg",
    "--quiet",
    "--json",
    "--concurrency",
    "16",
  ]);
  console.log(
    "bare",
    b.wallS,
    b.cpuS,
    "tilth",
    m.wallS,
    m.cpuS,
    m.peakRssMb | 0,
    /"seconds":[\d.]+/.exec(m.stdout)?.[0],
    "ratio",
    (b.wallS / m.wallS).toFixed(2),
  );
}
await server!.close();
