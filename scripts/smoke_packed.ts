// Packs the package, installs it into an empty folder, and runs it from there as a user would.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** Starts the packed server on the seeded file: a tile, the page and its script; then it is told to end. */
async function checkServer(tilth: string): Promise<void> {
  const args = [tilth, "serve", "smoke.gpkg", "--port", "0", "--json", "--quiet"];
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(server, "exit");
  try {
    const ended = exited.then(([code]) => Promise.reject(new Error(`the server ended with ${String(code)}`)));
    const [line] = (await Promise.race([once(createInterface({ input: server.stdout }), "line"), ended])) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const tile = await get(`${url}/tiles/smoke/2/1/1`, "image/png");
    if (tile.readUInt32BE(0) !== 0x89504e47) throw new Error("expected the tile to be a PNG");
    const page = (await get(`${url}/`, "text/html")).toString();
    const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1];
    if (script === undefined) throw new Error(`expected a page with a script, got: ${page.slice(0, 300)}`);
    await get(new URL(script, `${url}/`).href, "javascript");
  } finally {
    server.kill("SIGTERM");
  }
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`expected the server to end with 0, got ${code}`);
}

async function get(url: string, mediaType: string): Promise<Buffer> {
  const answer = await fetch(url);
  const type = answer.headers.get("content-type") ?? "";
  if (answer.status !== 200 || !type.includes(mediaType))
    throw new Error(`expected ${mediaType} from ${url}, got ${answer.status} ${type}`);
  return Buffer.from(await answer.arrayBuffer());
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
  await checkServer(tilth);
  console.log(`packed tarball: installs, seeds 21 tiles, verifies, warps ${warp.stored}, serves a tile and the page`);
} finally {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
}
