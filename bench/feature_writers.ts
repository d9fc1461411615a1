// Writers of features: speed, memory of a large file, and a real full disk:  node bench/feature_writers.ts     Linux, as root or with user namespaces
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isTilthError } from "../src/core/index.ts";
import { BatchBuilder, openFeatureWriter, type FeatureBatch, type FeatureFileOptions } from "../src/feature/index.ts";
import { row, withFolder } from "./support/cases.ts";
import { measure } from "./support/measure.ts";

const MOUNTED = "TILTH_BENCH_MOUNTED";
const ENDINGS = ["gpkg", "geojson", "geojsons", "fgb"];
const DISK_MB = 20;
const BATCH = 4000;
/** Few, as many as boxes are held in memory, and more. */
const COUNTS = [300_000, 2_000_000, 3_000_000];

const OPTIONS: FeatureFileOptions = {
  layers: [
    {
      name: "buildings",
      title: "Buildings",
      description: "squares",
      geometry: "multiPolygon",
      columns: [
        { name: "osm_id", type: "integer" },
        { name: "osm_type", type: "text" },
      ],
      tagKeys: ["building", "name"],
    },
  ],
  attribution: "(c) nobody",
  provenance: {
    generator: "bench",
    source: "made up",
    dataTimeMs: null,
    writtenAtMs: 0,
    license: "CC0-1.0",
    licenseUrl: "",
  },
};

/** Squares of 10 m, as in a town, spread over a country. */
function makeBatch(first: number): FeatureBatch {
  const builder = new BatchBuilder(["building", "yes", "name", "way", "source", "survey 2026"]);
  for (let i = first; i < first + BATCH; i++) {
    const [x, y] = [6 + ((i * 7919) % 40_000) / 1e4, 46 + ((i * 104_729) % 20_000) / 1e4];
    const corners = [x, y, x + 1e-4, y, x + 1e-4, y + 1e-4, x, y + 1e-4, x, y];
    for (let c = 0; c < corners.length; c += 2) builder.addPosition(corners[c] ?? 0, corners[c + 1] ?? 0);
    builder.endRing();
    builder.endPart();
    builder.addTag(0, 1);
    builder.addTag(4, 5);
    builder.setValue("osm_id", i);
    builder.setValue("osm_type", 3);
    builder.endFeature(0, "polygon");
  }
  return builder.finish();
}

async function writeFile(path: string, count: number): Promise<void> {
  await using writer = await openFeatureWriter(path, OPTIONS);
  let ahead: Promise<void> = Promise.resolve();
  for (let first = 0; first < count; first += BATCH) {
    const writing = writer.write(makeBatch(first));
    // Its error comes with the next await; until then nobody listens.
    writing.catch(() => undefined);
    await ahead;
    ahead = writing;
  }
  await ahead;
  await writer.finish();
}

async function measureSize(path: (name: string) => string): Promise<void> {
  for (const ending of ENDINGS) {
    const rss: number[] = [];
    for (const count of COUNTS) {
      const self = fileURLToPath(import.meta.url);
      const file = path(`${count}.${ending}`);
      const { wallS, peakRssMb } = await measure(process.execPath, [self, file, String(count)]);
      rss.push(peakRssMb);
      const rate = Math.round(count / wallS / 1000);
      const size = Math.round(statSync(file).size / 1e6);
      console.log(
        `      ${ending} ${count}: ${wallS.toFixed(1)} s, ${rate} k/s, ${Math.round(peakRssMb)} MB, ${size} MB of file`,
      );
    }
    const more = Math.max(...rss) - (rss[0] ?? 0);
    row(`${ending}: memory of up to 10 x as many`, `+${Math.round(more)} MB`, "<= +350 MB", more <= 350);
  }
}

/** The disk fills up while a file grows: a plain error, and nothing of the file is left. */
async function measureFullDisk(path: (name: string) => string): Promise<void> {
  for (const ending of ENDINGS) {
    let code = "no error";
    try {
      await writeFile(path(`disk/a.${ending}`), 2_000_000);
    } catch (error) {
      code = isTilthError(error) ? error.code : String(error);
    }
    const left = readdirSync(path("disk"));
    row(
      `${ending}: full disk`,
      `${code}, ${left.length} files left`,
      "store.full, 0",
      code === "store.full" && left.length === 0,
    );
  }
}

/** Mounts are made in a namespace of our own, so that the machine never sees them. */
function enterNamespace(): never {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const args = [...user, "--mount", process.execPath, fileURLToPath(import.meta.url)];
  process.exit(spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, [MOUNTED]: "1" } }).status ?? 1);
}

const [file, count] = process.argv.slice(2);
if (file !== undefined) await writeFile(file, Number(count));
else if (process.env[MOUNTED] === undefined) enterNamespace();
else
  await withFolder(async (path) => {
    mkdirSync(path("disk"));
    spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", path("disk")]);
    try {
      await measureFullDisk(path);
    } finally {
      spawnSync("umount", [path("disk")]);
    }
    await measureSize(path);
  });
