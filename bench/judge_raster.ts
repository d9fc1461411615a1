/**
 * Is every raster read as GDAL reads it? Needs python3-gdal and the real files: `TILTH_REAL_DATA=... node bench/judge_raster.ts [word]`. Compares size, type, nodata,
 * scale, description, affine, CRS, overviews, mask and every pixel of every band; JPEG and WebP within 2. Exits 1 when a file differs.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTilthError } from "../src/core/index.ts";
import { crsToWkt1 } from "../src/crs/index.ts";
import { openRaster, type Raster } from "../src/raster/index.ts";
import { openGdal, type GdalRaster } from "./support/gdal_rasters.ts";
import { digestBands, digestMask } from "./support/raster_digests.ts";

const FOLDERS = ["odd_geotiff", "dem", "imagery", "reference_gdal", "dem/nasadem_3arcsec"];
const LOSSY_TOLERANCE = 2;
const root = process.env["TILTH_REAL_DATA"] ?? "";
const only = process.argv[2] ?? "";
const folder = mkdtempSync(join(tmpdir(), "tilth-judge-raster-"));
const gdal = openGdal();

/** Differences in words; none when all is the same. */
async function compare(raster: Raster, theirs: GdalRaster, rawPath: string): Promise<string[]> {
  const faults: string[] = [];
  const expect: Expect = (what, ours, other) => {
    if (JSON.stringify(ours) !== JSON.stringify(other))
      faults.push(`${what}: ${JSON.stringify(ours)}, not ${JSON.stringify(other)}`);
  };
  const { info } = raster;
  expect("size", [info.width, info.height], [theirs.width, theirs.height]);
  // GDAL before 3.7 has no signed bytes.
  expect(
    "types",
    info.bands.map(({ type }) => (type === "int8" && theirs.types[0] === "uint8" ? "uint8" : type)),
    theirs.types,
  );
  info.bands.forEach(({ nodata, scale, offset, description }, i) => {
    const other = theirs.nodata[i];
    if (!sameNumber(nodata, other ?? null)) faults.push(`nodata of band ${i}: ${nodata}, not ${other}`);
    expect(
      `scale of band ${i}`,
      [scale, offset],
      theirs.scales[i]?.map((value, k) => value ?? 1 - k),
    );
    expect(`description of band ${i}`, description, theirs.descriptions[i]);
  });
  if (!sameAffine(info.affine, theirs))
    faults.push(`affine: ${info.affine?.join(", ")}, not ${theirs.transform?.join(", ")}`);
  if (theirs.crs !== null && theirs.sameCrs !== true && !/cannot be computed/.test(info.crsNote))
    faults.push(`CRS: ${info.crsNote}, not ${theirs.crs}`);
  if (theirs.crs === null && info.crs !== null && theirs.gcps === 0) faults.push(`CRS: ${info.crsNote}, not none`);
  // GDAL calls what its JPEG decoder can leave out overviews.
  if (theirs.driver !== "JPEG")
    expect(
      "overviews",
      info.overviews.map(({ width, height }) => [width, height]),
      theirs.overviews,
    );
  await comparePixels(raster, theirs, rawPath, faults, expect);
  return faults;
}

type Expect = (what: string, ours: unknown, other: unknown) => void;

async function comparePixels(
  raster: Raster,
  theirs: GdalRaster,
  rawPath: string,
  faults: string[],
  expect: Expect,
): Promise<void> {
  const { info } = raster;
  const isLossy = /JPEG|WebP/.test(info.compression);
  if (isLossy) faults.push(...(await compareLossy(raster, rawPath)));
  else {
    expect(
      "pixels",
      (await digestBands(raster)).map((digest) => digest.slice(0, 12)),
      theirs.digests.map((digest) => digest.slice(0, 12)),
    );
    for (let i = 0; i < info.overviews.length; i++)
      expect(`overview ${i}`, (await digestBands(raster, i))[0], theirs.overviewDigests[i]);
  }
  if (theirs.maskDigest !== null) expect("mask", await digestMask(raster), theirs.maskDigest);
}

function sameNumber(ours: number | null, theirs: string | null): boolean {
  if (ours === null || theirs === null) return ours === theirs;
  const other = Number(theirs.replace(/^(-?)inf$/, "$1Infinity"));
  return Object.is(ours, other) || Math.fround(ours) === Math.fround(other);
}

function sameAffine(affine: Raster["info"]["affine"], { transform }: GdalRaster): boolean {
  if (affine === null || transform === null) return affine === null && transform === null;
  const [a, b, c, d, e, f] = affine;
  return [c, a, b, f, d, e].every(
    (value, i) => Math.abs(value - (transform[i] as number)) <= 1e-12 * Math.max(1, Math.abs(value)),
  );
}

async function compareLossy(raster: Raster, rawPath: string): Promise<string[]> {
  const { width, height, bands } = raster.info;
  const file = openSync(rawPath, "r");
  let worst = 0;
  for await (const window of raster.listWindows()) {
    bands.forEach((_, band) => {
      const theirs = new Uint8Array(window.width * window.height);
      readSync(file, theirs, 0, theirs.length, band * width * height + window.y * width);
      const ours = window.bands[band] as Uint8Array;
      for (let i = 0; i < theirs.length; i++)
        worst = Math.max(worst, Math.abs((ours[i] as number) - (theirs[i] as number)));
    });
  }
  closeSync(file);
  return worst <= LOSSY_TOLERANCE ? [] : [`pixels differ by up to ${worst}`];
}

async function judge(path: string): Promise<readonly [verdict: "same" | "refused" | "DIFFERS", detail: string]> {
  const raw = join(folder, "raw");
  try {
    await using raster = await openRaster(path);
    const wkt = raster.info.crs === null ? null : crsToWkt1(raster.info.crs);
    const theirs = await gdal.read(path, wkt, /JPEG|WebP/.test(raster.info.compression) ? raw : null);
    if ("error" in theirs) return await refused(raster, theirs.error);
    const faults = await compare(raster, theirs, raw);
    const { format, compression, crsNote } = raster.info;
    return faults.length === 0 ? ["same", `${format}, ${compression}, ${crsNote}`] : ["DIFFERS", faults.join("; ")];
  } catch (error) {
    if (isTilthError(error)) return ["refused", `${error.code}: ${error.message}`];
    throw error;
  }
}

/** GDAL does not read it: neither may we read all of it without a word. */
async function refused(raster: Raster, theirError: string): Promise<readonly ["refused" | "DIFFERS", string]> {
  try {
    await digestBands(raster);
    return ["DIFFERS", `read, but GDAL says: ${theirError}`];
  } catch (error) {
    return ["refused", `${isTilthError(error) ? error.code : "?"}: ${error instanceof Error ? error.message : ""}`];
  }
}

let failures = 0;
const counts: Record<string, number> = {};
for (const name of FOLDERS) {
  for (const file of readdirSync(join(root, name)).filter(
    (each) => /\.(?:tif|asc|hgt|png|jpg|lerc\d)$/.test(each) && each.includes(only),
  )) {
    const [verdict, detail] = await judge(join(root, name, file));
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (verdict === "DIFFERS") failures++;
    console.log(`${verdict.padEnd(8)} ${`${name}/${file}`.padEnd(62)} ${detail}`);
  }
}
gdal.close();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(counts));
if (failures > 0) process.exitCode = 1;
