// A real full disk and a real read-only one: node bench/disk.ts     after `npm run build`; Linux, as root or with user namespaces
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { row, TILTH, withFolder, WORLD } from "./support/cases.ts";
import { measure } from "./support/measure.ts";
import { startOriginProcess, type TileServer } from "./support/tile_server.ts";

const MOUNTED = "TILTH_BENCH_MOUNTED";
/** 5,461 tiles are 98 MB, and the journal takes 16 MB while they are written. */
const DISK_MB = 150;
const BALLAST_MB = 80;

/** Mounts are made in a namespace of our own, so that the machine never sees them. */
function enterNamespace(): never {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const self = fileURLToPath(import.meta.url);
  const run = spawnSync("unshare", [...user, "--mount", process.execPath, self], {
    stdio: "inherit",
    env: { ...process.env, [MOUNTED]: "1" },
  });
  process.exit(run.status ?? 1);
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
}

function startSeed(
  server: TileServer,
  out: string,
): { child: ChildProcess; full: Promise<void>; code: Promise<number> } {
  const args = [TILTH, "seed", server.template, ...WORLD, "--zoom", "0-6", "--out", out, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const full = new Promise<void>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => chunk.includes("Disk:Full") && resolve());
  });
  return { child, full, code: new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1))) };
}

const verify = async (file: string): Promise<number> =>
  (await measure(process.execPath, [TILTH, "verify", file, "--json", "--quiet"])).code;

/** The disk fills up; `meanwhile` runs while the seed waits for space. */
async function fillUp(
  server: TileServer,
  path: (name: string) => string,
  meanwhile: (seed: ReturnType<typeof startSeed>) => Promise<void>,
): Promise<void> {
  writeFileSync(path("disk/ballast"), Buffer.alloc(BALLAST_MB * 1e6));
  const seed = startSeed(server, path("disk/out.gpkg"));
  await seed.full;
  await meanwhile(seed);
}

async function measureFullDisk(server: TileServer, path: (name: string) => string): Promise<void> {
  await fillUp(server, path, async (seed) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    rmSync(path("disk/ballast"));
    const code = await seed.code;
    const proof = await verify(path("disk/out.gpkg"));
    row("full disk, then space", `exit ${code}, verify ${proof}`, "0, 0", code === 0 && proof === 0);
  });
  rmSync(path("disk/out.gpkg"));
  await fillUp(server, path, async (seed) => {
    const started = performance.now();
    seed.child.kill("SIGINT");
    const code = await seed.code;
    const seconds = (performance.now() - started) / 1000;
    row(
      "full disk, SIGINT",
      `exit ${code} after ${seconds.toFixed(2)} s`,
      "130 within 1 s",
      code === 130 && seconds <= 1,
    );
  });
  rmSync(path("disk/ballast"));
  const args = [
    TILTH,
    "seed",
    server.template,
    ...WORLD,
    "--zoom",
    "0-6",
    "--out",
    path("disk/out.gpkg"),
    "--json",
    "--quiet",
  ];
  const { code, stdout } = await measure(process.execPath, args);
  const proof = await verify(path("disk/out.gpkg"));
  const kept = Number(/"present":(\d+)/.exec(stdout)?.[1]);
  row(
    "the next run",
    `${kept} kept, exit ${code}, verify ${proof}`,
    "> 1000, 0, 0",
    kept > 1000 && code === 0 && proof === 0,
  );
}

async function measureReadOnly(server: TileServer, path: (name: string) => string): Promise<void> {
  const out = path("disk/out.gpkg");
  const hash = (): string => createHash("sha256").update(readFileSync(out)).digest("hex");
  const before = hash();
  mount("-o", "remount,ro", path("disk"));
  const args = [TILTH, "seed", server.template, ...WORLD, "--zoom", "0-7", "--out", out];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const lines = stderr.trim().split("\n");
  console.log(`      ${lines.join("\n      ")}`);
  const proof = await verify(out);
  const met = status === 1 && lines.length === 1 && proof === 0 && hash() === before;
  row("read-only disk", `exit ${status}, ${lines.length} line, verify ${proof}`, "1, one line, unchanged", met);
}

if (process.env[MOUNTED] === undefined) enterNamespace();
await withFolder(async (path) => {
  const server = await startOriginProcess({ kind: "noise" });
  spawnSync("mkdir", [path("disk")]);
  mount("-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", path("disk"));
  try {
    await measureFullDisk(server, path);
    await measureReadOnly(server, path);
  } finally {
    spawnSync("umount", [path("disk")]);
    await server.close();
  }
});
