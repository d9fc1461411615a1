// Viewsheds beside gdal_viewshed, cell by cell, on every DEM below `TILTH_REAL_DATA`/dem whose CRS is projected, from five places each.
// apt-get install gdal-bin; npm run build
// node bench/judge_viewshed.ts
//
// gdal_viewshed 3.6 hides a cell north, south or on a diagonal of the observer when it lies lower than the ground he stands on, with whatever is behind
// it: for these cells its line of sight begins at his feet. Where he stands in a hollow nothing of this kind happens, and both must agree in every cell.
import { rm } from "node:fs/promises";
import { computeViewshed, openRaster, type PixelArray, type Raster } from "../src/index.ts";
import { row, withFolder } from "./support/cases.ts";
import { listDems, run } from "./support/dems.ts";

const PLACES = [
  [0.5, 0.5],
  [0.2, 0.3],
  [0.7, 0.2],
  [0.3, 0.8],
  [0.8, 0.7],
] as const;
const [HOLLOW, SLOPE] = [1, 0.95];

async function readAll(raster: Raster): Promise<PixelArray> {
  const { width, height } = raster.info;
  return (await raster.readWindow({ x: 0, y: 0, width, height })).bands[0] as PixelArray;
}

/** The first cell behind a place that is lower than all around it; the place itself where there is none. */
function findHollow(heights: PixelArray, { width, height }: Raster["info"], x: number, y: number): [number, number] {
  const isHollow = (cell: number): boolean =>
    [-1, 0, 1].every((dy) =>
      [-1, 0, 1].every(
        (dx) => (dx === 0 && dy === 0) || (heights[cell + dy * width + dx] as number) > (heights[cell] as number),
      ),
    );
  for (let cell = y * width + x; cell < (height - 1) * width; cell++)
    if (cell % width > 0 && cell % width < width - 1 && isHollow(cell)) return [cell % width, Math.floor(cell / width)];
  return [x, y];
}

/** Share of the cells that are the same. */
async function agreement(dem: string, raster: Raster, [column, line]: readonly [number, number], out: string) {
  const [a, , c, , e, f] = raster.info.affine ?? [1, 0, 0, 0, -1, 0];
  // gdal_viewshed takes the nearest corner of a cell: a little before the middle it is the same cell's.
  const observer = [c + a * (column + 0.3), f + e * (line + 0.3)] as const;
  await rm(out, { force: true });
  run("gdal_viewshed", [
    "-q",
    "-ox",
    `${observer[0]}`,
    "-oy",
    `${observer[1]}`,
    "-md",
    "0",
    "-cc",
    "0.85714",
    dem,
    out,
  ]);
  const { pixels, visibleCells } = await computeViewshed(raster, { observer });
  await using other = await openRaster(out);
  const theirs = await readAll(other);
  const same = pixels.reduce((sum, value, i) => sum + (value === theirs[i] ? 1 : 0), 0);
  return { share: same / theirs.length, seen: visibleCells };
}

await withFolder(async (path) => {
  for await (const { name, dem } of listDems(path)) {
    await using raster = await openRaster(dem);
    const { width, height, crs } = raster.info;
    // In degrees gdal_viewshed says nothing of meaning, and nodata it takes for heights.
    const heights = await readAll(raster);
    const { validity } = await raster.readWindow({ x: 0, y: 0, width, height }, { validity: true });
    if (crs?.kind !== "projected" || validity[0]?.includes(0) === true) continue;
    for (const [where, bar] of [
      ["hollow", HOLLOW],
      ["slope", SLOPE],
    ] as const) {
      const found = [];
      for (const [fx, fy] of PLACES) {
        const place = [Math.floor(fx * width), Math.floor(fy * height)] as const;
        const cell = where === "hollow" ? findHollow(heights, raster.info, ...place) : place;
        found.push(await agreement(dem, raster, cell, path("theirs.tif")));
      }
      const least = Math.min(...found.map(({ share }) => share));
      const words = `${(100 * least).toFixed(3)} % same at worst, ${found.map(({ seen }) => seen).join("/")} seen`;
      row(`${name}, from a ${where}`, words, `${100 * bar} %`, least >= bar);
    }
  }
});
