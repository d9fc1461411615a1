// Terrain analyses beside gdaldem, cell by cell, on every DEM below `TILTH_REAL_DATA`/dem and one with holes that is made here.
// apt-get install gdal-bin; npm run build
// node bench/judge_terrain.ts
import { openRaster, type PixelArray, type Raster } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { infoOf, listDems, run } from "./support/dems.ts";

/** Ours, and gdaldem's words for the same. */
const ANALYSES: readonly (readonly [ours: string, theirs: string])[] = [
  ["slope", "slope"],
  ["slope --percent", "slope -p"],
  ["slope --alg zevenbergen-thorne", "slope -alg ZevenbergenThorne"],
  ["aspect", "aspect"],
  ["aspect --trigonometric", "aspect -trigonometric"],
  ["aspect --alg zevenbergen-thorne --zero-for-flat", "aspect -alg ZevenbergenThorne -zero_for_flat"],
  ["hillshade", "hillshade"],
  [
    "hillshade --alg zevenbergen-thorne --z-factor 2 --azimuth 200 --altitude 30",
    "hillshade -alg ZevenbergenThorne -z 2 -az 200 -alt 30",
  ],
  ["hillshade --multidirectional", "hillshade -multidirectional"],
  ["hillshade --combined", "hillshade -combined"],
  ["tri", "TRI -alg Riley"],
  ["tri --alg wilson", "TRI -alg Wilson"],
  ["tpi", "TPI"],
  ["roughness", "roughness"],
];
/** Of these each cell may be one grey or colour off; of others 1 in 10,000 may differ by more than 1 part in 10,000. */
const isGrey = (ours: string): boolean => /^(?:hillshade|color-relief)/.test(ours);
const RELATIVE = 1e-4;
const SHARE = 1e-4;
async function read(path: string): Promise<{ raster: Raster["info"]; bands: readonly PixelArray[] }> {
  await using raster = await openRaster(path);
  const { width, height } = raster.info;
  return { raster: raster.info, bands: (await raster.readWindow({ x: 0, y: 0, width, height })).bands };
}

interface Difference {
  cells: number;
  /** Where one has a value and the other has none. */
  gaps: number;
  off: number;
}

/** @param analysis with `--zero-for-flat` gdaldem writes 0 also where there is no height; here such cells stay -9999 */
function compare(ours: PixelArray, theirs: PixelArray, nodata: number | null, analysis: string): Difference {
  const [isByte, zeroForNone] = [isGrey(analysis), analysis.includes("--zero-for-flat")];
  const difference = { cells: theirs.length, gaps: 0, off: 0 };
  for (let i = 0; i < theirs.length; i++) {
    const other = theirs[i] as number;
    const mine = zeroForNone && ours[i] === -9999 ? 0 : (ours[i] as number);
    if ((mine === nodata) !== (other === nodata)) difference.gaps += 1;
    else if (Math.abs(mine - other) > (isByte ? 1 : RELATIVE * Math.abs(other))) difference.off += 1;
  }
  return difference;
}

async function judge(dem: string, path: (name: string) => string): Promise<Map<string, Difference>> {
  const sums = new Map<string, Difference>();
  const raster = await infoOf(dem);
  // gdaldem takes cells as they are: no metres by latitude, and for the aspect squares.
  for (const [ours, theirs] of ANALYSES)
    for (const edges of [false, true]) {
      const [mode = "", ...options] = theirs.split(" ");
      run("gdaldem", [mode, dem, path("theirs.tif"), "-q", ...options, ...(edges ? ["-compute_edges"] : [])]);
      const scale =
        raster.crs?.kind === "geographic" && /^(?:slope|aspect|hillshade)/.test(ours) ? ["--scale", "1"] : [];
      const words = [...ours.split(" "), ...scale, ...(edges ? ["--compute-edges"] : [])];
      const [name = "", ...rest] = words;
      run(process.execPath, [TILTH, "terrain", name, dem, ...rest, "--out", path("ours.tif"), "--quiet"]);
      const [mine, other] = [await read(path("ours.tif")), await read(path("theirs.tif"))];
      const nodata = other.raster.bands[0]?.nodata ?? null;
      sums.set(`${ours}${edges ? ", edges" : ""}`, compareAll(mine.bands, other.bands, nodata, ours));
    }
  return sums;
}

function compareAll(
  ours: readonly PixelArray[],
  theirs: readonly PixelArray[],
  nodata: number | null,
  analysis: string,
): Difference {
  const all = theirs.map((band, i) => compare(ours[i] as PixelArray, band, nodata, analysis));
  const sum = (key: keyof Difference): number => all.reduce((total, one) => total + one[key], 0);
  return { cells: sum("cells"), gaps: sum("gaps"), off: sum("off") };
}

await withFolder(async (path) => {
  const totals = new Map<string, Difference & { worst: string }>();
  for await (const { name, dem } of listDems(path))
    for (const [analysis, found] of await judge(dem, path)) {
      const total = totals.get(analysis) ?? { cells: 0, gaps: 0, off: 0, worst: "" };
      const isWorse = found.gaps > 0 || found.off / found.cells > (isGrey(analysis) ? 0 : SHARE);
      totals.set(analysis, {
        cells: total.cells + found.cells,
        gaps: total.gaps + found.gaps,
        off: total.off + found.off,
        worst: isWorse ? `${total.worst} ${name} (${found.gaps} gaps, ${found.off} off)` : total.worst,
      });
    }
  for (const [analysis, { cells, gaps, off, worst }] of totals)
    row(analysis, `${off} off, ${gaps} gaps of ${cells}${worst}`, "equal on every DEM", worst === "");
});
