// npm run demo: an embedded origin draws the world, Tilth seeds it over HTTP into demo/world.gpkg. Run again: nothing left to fetch.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startWorldOrigin } from "../test/origin/index.ts";

/** The source's address is part of a cache's identity, so the demo keeps one port. */
const DEMO_PORT = 8734;

const out = fileURLToPath(new URL("./world.gpkg", import.meta.url));
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const origin = await startWorldOrigin({ port: DEMO_PORT });
console.log(`an origin draws the world at ${origin.template}`);
const args = [
  main,
  "seed",
  origin.template,
  "--bbox",
  "-180,-85.06,180,85.06",
  "--zoom",
  "0-5",
  "--out",
  out,
  "--concurrency",
  "8",
];
const child = spawn(process.execPath, args, { stdio: "inherit" });
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => child.kill(name));
const code = await new Promise<number>((resolve) => child.on("close", (exitCode) => resolve(exitCode ?? 1)));
await origin.close();
if (code === 0)
  console.log(
    "look at it:  npm run -s viewer && npm run -s tilth -- serve demo/world.gpkg   (or open demo/world.gpkg in QGIS)",
  );
process.exitCode = code;
