// Rasters made of others beside GDAL's, pixel by pixel, from real files below `TILTH_REAL_DATA`: warped, cut, joined, calculated, tiled.
// apt-get install gdal-bin python3-gdal; npm run build
// node bench/judge_new_rasters.ts
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRaster, type PixelArray, type RasterInfo } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";

const data = (name: string): string => join(process.env["TILTH_REAL_DATA"] ?? "", name);

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

const tilth = (...words: string[]): void => run(process.execPath, [TILTH, ...words, "--quiet"]);

interface Read {
  readonly info: RasterInfo;
  readonly bands: readonly PixelArray[];
  readonly validity: readonly (Uint8Array | null)[];
}

async function read(path: string): Promise<Read> {
  await using raster = await openRaster(path);
  const { width, height } = raster.info;
  const { bands, validity } = await raster.readWindow({ x: 0, y: 0, width, height }, { validity: true });
  return { info: raster.info, bands, validity };
}

/** By how much a pixel may differ: a number, and parts of what the pixels around it differ by (a place that is so many pixels off). */
interface Tolerance {
  readonly most: number;
  readonly pixels: number;
}

const EXACT: Tolerance = { most: 0, pixels: 0 };

/** Pixels that differ by more, or that only one has, of all. */
function countOff(ours: Read, theirs: Read, { most, pixels }: Tolerance): { off: number; of: number } {
  requireSamePlace(ours.info, theirs.info);
  const { width } = ours.info;
  let off = 0;
  ours.bands.forEach((band, b) => {
    const other = theirs.bands[b] as PixelArray;
    const [valid, otherValid] = [ours.validity[b] ?? null, theirs.validity[b] ?? null];
    for (let i = 0; i < band.length; i++) {
      const isThere = valid === null || valid[i] === 1;
      if (isThere !== (otherValid === null || otherValid[i] === 1)) off++;
      else if (isThere) {
        const distance = Math.abs((band[i] as number) - (other[i] as number));
        if (!(distance <= most) && !(distance <= most + pixels * rangeAround(other, i, width))) off++;
      }
    }
  });
  return { off, of: ours.bands.length * (ours.bands[0] as PixelArray).length };
}

function rangeAround(pixels: PixelArray, at: number, width: number): number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const step of [-width - 1, -width, -width + 1, -1, 0, 1, width - 1, width, width + 1]) {
    const value = pixels[at + step];
    if (value === undefined) continue;
    [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  }
  return greatest - least;
}

function requireSamePlace(ours: RasterInfo, theirs: RasterInfo): void {
  const same = ours.affine?.every((value, i) => {
    const there = theirs.affine?.[i] ?? Number.NaN;
    return Math.abs(value - there) <= 1e-9 * Math.max(1, Math.abs(there));
  });
  if (ours.width === theirs.width && ours.height === theirs.height && same === true) return;
  throw new Error(`other pixels: ${ours.affine?.join(" ")} and ${theirs.affine?.join(" ")}`);
}

/** @param share of pixels that may differ: where a place lies on the border of two pixels, rounding decides */
async function judge(
  what: string,
  [ours, theirs]: readonly [string, string],
  how: Tolerance,
  share: number,
): Promise<void> {
  const { off, of } = countOff(await read(ours), await read(theirs), how);
  row(what, `${off} of ${of} pixels off`, `<= ${share * 100} %`, off <= share * of);
}

const WARPS = [
  ["dem/bigtujunga_30m_epsg32611_i16.tif", "EPSG:3857"],
  ["dem/vanderford_bathymetry_epsg3031_f32_cog.tif", "EPSG:4326"],
  ["dem/lisbon_1arcsec_epsg4326_f32.tif", "EPSG:3763"],
  ["imagery/dop_ortho_rgb_epsg25832_cog.tif", "EPSG:4326"],
] as const;

/** Ours and GDAL's word. Lanczos is compared on the first alone: between 0.95 and 1 pixel for one GDAL narrows that filter and no other. */
const WAYS = [
  ["nearest", "near"],
  ["bilinear", "bilinear"],
  ["cubic", "cubic"],
  ["lanczos", "lanczos"],
] as const;

async function warps(path: (name: string) => string): Promise<void> {
  const pair = [path("ours.tif"), path("theirs.tif")] as const;
  for (const [name, crs] of WARPS)
    for (const [ours, theirs] of WAYS) {
      if (ours === "lanczos" && name !== WARPS[0][0]) continue;
      // Around the pole pixels are stretched otherwise in each part of the image, and GDAL widens filters part by part: 2 % of the others differ.
      if (ours !== "nearest" && name.includes("epsg3031")) continue;
      // Of fractions without nodata ours is NaN.
      const nodata = name.includes("lisbon") ? ["-dstnodata", "nan"] : [];
      run("gdalwarp", ["-q", "-overwrite", ...nodata, "-t_srs", crs, "-r", theirs, "-et", "0", data(name), pair[1]]);
      tilth("raster", "warp", data(name), "--crs", crs, "--resampling", ours, "--out", pair[0]);
      const how = { most: name.includes("f32") ? 0.01 : 1, pixels: ours === "nearest" ? 0 : 0.0125 };
      await judge(`warp ${name.slice(name.indexOf("/") + 1, 40)} ${ours}`, pair, how, 0.001);
    }
}

async function cuts(path: (name: string) => string): Promise<void> {
  const pair = [path("ours.tif"), path("theirs.tif")] as const;
  const dem = data("dem/bigtujunga_30m_epsg32611_i16.tif");
  const box = ["-118.2", "34.32", "-118.1", "34.4"] as const;
  const polygon = [
    [box[0], box[1]],
    [box[2], "34.35"],
    [box[2], box[3]],
    ["-118.15", "34.37"],
    [box[0], box[3]],
    [box[0], box[1]],
  ].map((at) => at.map(Number));
  writeFileSync(path("cut.geojson"), JSON.stringify({ type: "Polygon", coordinates: [polygon] }));
  tilth("raster", "clip", dem, "--coverage", path("cut.geojson"), "--out", pair[0]);
  await using ours = await openRaster(pair[0]);
  const { affine, width, height } = ours.info;
  const [a = 1, , c = 0, , e = 1, f = 0] = affine ?? [];
  const extent = [c, f + e * height, c + a * width, f].map(String);
  // The line is straight in degrees: bent as finely as ours.
  run("ogr2ogr", ["-t_srs", "EPSG:32611", "-segmentize", "0.0001", path("cut_utm.geojson"), path("cut.geojson")]);
  const target = ["-te", ...extent, "-tr", String(a), String(-e), "-cutline", path("cut_utm.geojson")];
  run("gdalwarp", ["-q", "-overwrite", ...target, dem, pair[1]]);
  await judge("clip along a polygon", pair, EXACT, 0.0005);
  tilth("raster", "clip", dem, "--extent", extent.join(","), "--out", pair[0]);
  const [left = "", bottom = "", right = "", top = ""] = extent;
  run("gdal_translate", ["-q", "-projwin", left, top, right, bottom, dem, pair[1]]);
  await judge("clip to an extent", pair, EXACT, 0);
}

async function joins(path: (name: string) => string): Promise<void> {
  const pair = [path("ours.tif"), path("theirs.tif")] as const;
  const dem = data("dem/bigtujunga_30m_epsg32611_i16.tif");
  for (const [name, window] of [
    ["west", ["0", "0", "600", "400"]],
    ["east", ["500", "100", "500", "300"]],
  ] as const)
    run("gdal_translate", ["-q", "-srcwin", ...window, dem, path(`${name}.tif`)]);
  const parts = [path("west.tif"), path("east.tif")];
  tilth("raster", "mosaic", ...parts, "--out", pair[0]);
  run("gdalwarp", ["-q", "-overwrite", ...parts, pair[1]]);
  await judge("mosaic of two that lie over each other", pair, EXACT, 0);
}

async function calculations(path: (name: string) => string): Promise<void> {
  const pair = [path("ours.tif"), path("theirs.tif")] as const;
  const image = (band: string): string => data(`imagery/landsat8_003017_2015001_${band}_u16.tif`);
  tilth("raster", "calc", "(nir-red)/(nir+red)", `nir=${image("B5_nir")}`, `red=${image("B4_red")}`, "--out", pair[0]);
  const formula = "(A.astype(float)-B)/(A.astype(float)+B)";
  run("gdal_calc.py", [
    "--quiet",
    "--overwrite",
    "-A",
    image("B5_nir"),
    "-B",
    image("B4_red"),
    `--calc=${formula}`,
    "--type=Float32",
    `--outfile=${pair[1]}`,
  ]);
  await judge("NDVI of a Landsat scene", pair, EXACT, 0);
}

/** A cache of tiles is what gdalwarp makes of the same pixels. */
async function tiles(path: (name: string) => string): Promise<void> {
  const pair = [path("ours.tif"), path("theirs.tif")] as const;
  const image = data("imagery/dop_ortho_rgb_epsg25832_cog.tif");
  tilth("raster", "tile", image, "--zoom", "16", "--resampling", "nearest", "--out", path("tiles.gpkg"));
  run("gdal_translate", ["-q", path("tiles.gpkg"), pair[0]]);
  const { info } = await read(pair[0]);
  const [a = 1, , c = 0, , e = 1, f = 0] = info.affine ?? [];
  const extent = [c, f + e * info.height, c + a * info.width, f].map(String);
  run("gdalwarp", [
    "-q",
    "-overwrite",
    "-t_srs",
    "EPSG:3857",
    "-te",
    ...extent,
    "-ts",
    String(info.width),
    String(info.height),
    "-r",
    "near",
    "-et",
    "0",
    "-dstalpha",
    image,
    pair[1],
  ]);
  await judge("tiles of an orthophoto, read by GDAL", pair, { most: 1, pixels: 0 }, 0.001);
}

await withFolder(async (path) => {
  for (const part of [warps, cuts, joins, calculations, tiles]) await part(path);
});
