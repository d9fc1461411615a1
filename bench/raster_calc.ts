// How fast are a formula over bands and statistics? node bench/raster_calc.ts [RUNS]
// Wants gdal_calc.py and gdalinfo beside it (apt-get install gdal-bin python3-gdal) and the built command line (npm run build).
import { rmSync } from "node:fs";
import { getCrs, openRaster, writeGeotiff, type PixelArray, type RasterStrip } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { compare, measure, type Measured } from "./support/measure.ts";

const SIDE = 4096;
const runs = Number(process.argv[2] ?? 3);

/** Four bands of a made-up satellite image: ground that rolls, with noise of 200 steps. */
async function writeImage(path: string): Promise<void> {
  const band = {
    type: "uint16",
    description: "",
    nodata: null,
    scale: 1,
    offset: 0,
    unit: "",
    color: "undefined",
  } as const;
  const info = {
    width: SIDE,
    height: SIDE,
    bands: [band, band, band, band],
    crs: getCrs("EPSG:32632"),
    affine: [10, 0, 5e5, 0, -10, 5e6] as const,
  };
  async function* strips(): AsyncGenerator<RasterStrip> {
    for (let y0 = 0; y0 < SIDE; y0 += 256) {
      const bands = info.bands.map((_, b) =>
        Uint16Array.from({ length: SIDE * 256 }, (_, i) => valueAt(i % SIDE, y0 + Math.floor(i / SIDE), b)),
      );
      yield { height: 256, bands };
    }
  }
  await writeGeotiff(path, { info, options: { statistics: false } }, strips());
}

function valueAt(x: number, y: number, band: number): number {
  const noise = (Math.imul(x * 374_761_393 + y * 668_265_263 + band, 1_274_126_177) >>> 24) % 200;
  return Math.round(3_000 + 1_500 * Math.sin(x / 97 + band) * Math.cos(y / 143 - band) + noise);
}

/** Largest difference of two files, in parts of the value. */
async function largestDifference(one: string, other: string): Promise<number> {
  await using ours = await openRaster(one);
  await using theirs = await openRaster(other);
  const rest = theirs.listWindows({ rows: 256 });
  let largest = 0;
  for await (const window of ours.listWindows({ rows: 256 })) {
    const { value } = await rest.next();
    const expected = value?.bands[0] as PixelArray;
    (window.bands[0] as PixelArray).forEach((pixel, i) => {
      const there = expected[i] as number;
      if (pixel !== there && !(Number.isNaN(pixel) && Number.isNaN(there)))
        largest = Math.max(largest, Math.abs(pixel - there) / Math.max(1e-30, Math.abs(there)));
    });
  }
  return largest;
}

async function calc(path: (name: string) => string): Promise<void> {
  const image = path("image.tif");
  const [ours, theirs] = [path("ours.tif"), path("theirs.tif")];
  const options = ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=3", "NUM_THREADS=2"].map((option) => `--co=${option}`);
  const formula = "(A.astype(float)-B)/(A.astype(float)+B)";
  const results = await compare(runs, {
    tilth: () => {
      rmSync(ours, { force: true });
      const words = [
        "raster",
        "calc",
        "(nir-red)/(nir+red)",
        `nir=${image}:4`,
        `red=${image}:3`,
        "--out",
        ours,
        "--quiet",
      ];
      return measure(process.execPath, [TILTH, ...words]);
    },
    gdal: () => {
      rmSync(theirs, { force: true });
      const bands = ["-A", image, "--A_band=4", "-B", image, "--B_band=3"];
      return measure("gdal_calc.py", [
        "--quiet",
        ...bands,
        `--calc=${formula}`,
        "--type=Float32",
        `--outfile=${theirs}`,
        ...options,
      ]);
    },
  });
  const [one, other] = [results["tilth"] as Measured, results["gdal"] as Measured];
  const ratio = one.wallS / other.wallS;
  const figures = `${ratio.toFixed(2)} x (${one.wallS.toFixed(2)} s, ${other.wallS.toFixed(2)} s; CPU ${one.cpuS.toFixed(1)}, ${other.cpuS.toFixed(1)})`;
  row(`NDVI of ${SIDE} x ${SIDE} x 4 uint16 against gdal_calc`, figures, "<= 0.7 x", ratio <= 0.7);
  const off = await largestDifference(ours, theirs);
  row("values that differ, relative", off.toExponential(1), "<= 1e-9", off <= 1e-9);
}

async function statistics(path: (name: string) => string): Promise<void> {
  const image = path("image.tif");
  const results = await compare(runs, {
    tilth: () => measure(process.execPath, [TILTH, "raster", "stats", image, "--json"]),
    gdal: () => {
      rmSync(`${image}.aux.xml`, { force: true });
      return measure("gdalinfo", ["-stats", "-json", image]);
    },
  });
  const [one, other] = [results["tilth"] as Measured, results["gdal"] as Measured];
  const ratio = one.wallS / other.wallS;
  const figures = `${ratio.toFixed(2)} x (${one.wallS.toFixed(2)} s, ${other.wallS.toFixed(2)} s; CPU ${one.cpuS.toFixed(1)}, ${other.cpuS.toFixed(1)})`;
  row("statistics of the same against gdalinfo -stats", figures, "<= 1.2 x", ratio <= 1.2);
  const ours = (JSON.parse(one.stdout) as { bands: { least: number; most: number; mean: number; deviation: number }[] })
    .bands;
  const theirs = (
    JSON.parse(other.stdout) as { bands: { minimum: number; maximum: number; mean: number; stdDev: number }[] }
  ).bands;
  const relative = (a: number, b: number | undefined): number => Math.abs(a - (b ?? Number.NaN)) / Math.abs(a);
  const off = ours.flatMap((band, i) => [
    relative(band.least, theirs[i]?.minimum),
    relative(band.most, theirs[i]?.maximum),
    // gdalinfo prints three digits behind the point of these two; its metadata has more.
    relative(band.mean, statisticOf(other.stdout, i, "STATISTICS_MEAN")),
    relative(band.deviation, statisticOf(other.stdout, i, "STATISTICS_STDDEV")),
  ]);
  const largest = Math.max(...off);
  row("values that differ, relative", largest.toExponential(1), "<= 1e-9", largest <= 1e-9);
}

function statisticOf(json: string, band: number, name: string): number {
  const { bands } = JSON.parse(json) as { bands: { metadata: Record<string, Record<string, string>> }[] };
  return Number(bands[band]?.metadata[""]?.[name]);
}

await withFolder(async (path) => {
  await writeImage(path("image.tif"));
  await calc(path);
  await statistics(path);
});
