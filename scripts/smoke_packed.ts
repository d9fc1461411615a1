// Packs the package, installs it into an empty folder, and runs it from there as a user would.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startWorldOrigin } from "../test/origin/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tilth-smoke-"));

/** The seed runs in another process than the origin, so it must not block this one. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${output}`);
  return output;
}

const origin = await startWorldOrigin();
try {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await run("npm", ["install", "--no-audit", "--no-fund", "--silent", "--prefer-offline", join(folder, tarball)]);
  const tilth = join(folder, "node_modules", "tilth", "bin", "tilth.js");
  console.log(`version ${(await run(process.execPath, [tilth, "--version"])).trim()}`);
  const args = [
    "seed",
    origin.template,
    "--bbox",
    "-180,-85,180,85",
    "--zoom",
    "0-2",
    "--out",
    "smoke.gpkg",
    "--json",
    "--quiet",
  ];
  const report = JSON.parse((await run(process.execPath, [tilth, ...args])).trim()) as {
    planned: number;
    stored: number;
    complete: boolean;
  };
  if (!report.complete || report.stored !== 21 || report.planned !== 21)
    throw new Error(`expected 21 stored tiles, got ${JSON.stringify(report)}`);
  await run(process.execPath, [tilth, "verify", "smoke.gpkg"]);
  const warped = [
    "seed",
    origin.template,
    "--grid",
    "EPSG:3035",
    "--bbox",
    "0,40,20,60",
    "--zoom",
    "0-1",
    "--out",
    "warped.gpkg",
    "--json",
    "--quiet",
  ];
  const warp = JSON.parse((await run(process.execPath, [tilth, ...warped])).trim()) as typeof report;
  if (!warp.complete || warp.stored === 0) throw new Error(`expected warped tiles, got ${JSON.stringify(warp)}`);
  console.log(`packed tarball: installs, seeds 21 tiles, verifies, warps ${warp.stored}`);
} finally {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
}
