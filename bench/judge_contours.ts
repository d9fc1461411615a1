// Contours beside gdal_contour: lines vertex by vertex, areas by GEOS, on every DEM below `TILTH_REAL_DATA`/dem and one with holes that is made here.
// apt-get install gdal-bin; npm run build
// node bench/judge_contours.ts
import { readFileSync } from "node:fs";
import { computeStatistics, listContours, openRaster, type Raster } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { infoOf, listDems, run } from "./support/dems.ts";

/** Of the total length, of vertices, and of a cell. */
const [LENGTH, VERTICES, CELLS] = [1e-3, 0.99, 0.01];
/** Where a DEM names no CRS. */
const ANY_CRS = "EPSG:32632";

interface Line {
  readonly elev: number;
  readonly positions: readonly (readonly [x: number, y: number])[];
}

/** A round step that gives 12 to 30 levels. */
async function intervalOf(raster: Raster): Promise<number> {
  const [statistics] = await computeStatistics(raster);
  const range = (statistics?.most ?? 1) - (statistics?.least ?? 0);
  const step = 10 ** Math.floor(Math.log10(range / 12));
  return [5, 2, 1].map((factor) => factor * step).find((one) => range / one >= 12) ?? step;
}

async function ourLines(raster: Raster, interval: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const { count, geometry, columns } of listContours(raster, { levels: { interval } }))
    for (let i = 0; i < count; i++) {
      const [from, to] = [i === 0 ? 0 : (geometry.positionEnds[i - 1] as number), geometry.positionEnds[i] as number];
      const positions = Array.from({ length: to - from }, (_, k) => {
        const at = 2 * (from + k);
        return [geometry.coordinates[at] as number, geometry.coordinates[at + 1] as number] as const;
      });
      lines.push({ elev: columns["elev"]?.[i] as number, positions });
    }
  return lines;
}

function theirLines(dem: string, interval: number, out: string): Line[] {
  run("gdal_contour", ["-q", "-f", "GeoJSON", "-a", "elev", "-i", `${interval}`, dem, out]);
  const { features } = JSON.parse(readFileSync(out, "utf8")) as {
    features: { properties: { elev: number }; geometry: { coordinates: [number, number][] } }[];
  };
  return features.map(({ properties, geometry }) => ({ elev: properties.elev, positions: geometry.coordinates }));
}

function lengthOf(lines: readonly Line[]): number {
  let sum = 0;
  for (const { positions } of lines)
    for (let i = 1; i < positions.length; i++) {
      const [a, b] = [positions[i - 1] ?? [0, 0], positions[i] ?? [0, 0]];
      sum += Math.hypot(b[0] - a[0], b[1] - a[1]);
    }
  return sum;
}

/** Share of the vertices of some lines that have one of the others within so much of a cell, on the same level. */
function shareNear(lines: readonly Line[], others: readonly Line[], cell: number): number {
  const size = cell * CELLS;
  const key = (elev: number, x: number, y: number): string => `${elev} ${x} ${y}`;
  const places = new Map<string, (readonly [number, number])[]>();
  for (const { elev, positions } of others)
    for (const [x, y] of positions) {
      const at = key(elev, Math.floor(x / size), Math.floor(y / size));
      const there = places.get(at);
      if (there === undefined) places.set(at, [[x, y]]);
      else there.push([x, y]);
    }
  let [near, all] = [0, 0];
  for (const { elev, positions } of lines)
    for (const [x, y] of positions) {
      all++;
      const [column, line] = [Math.floor(x / size), Math.floor(y / size)];
      const isNear = [-1, 0, 1].some((dx) =>
        [-1, 0, 1].some((dy) =>
          places.get(key(elev, column + dx, line + dy))?.some(([a, b]) => Math.hypot(a - x, b - y) <= size),
        ),
      );
      if (isNear) near++;
    }
  return all === 0 ? 1 : near / all;
}

async function judgeLines(name: string, dem: string, raster: Raster, interval: number, out: string): Promise<void> {
  const [ours, theirs] = [await ourLines(raster, interval), theirLines(dem, interval, out)];
  const cell = Math.abs(raster.info.affine?.[0] ?? 1);
  const levels = (lines: readonly Line[]): string =>
    [...new Set(lines.map(({ elev }) => elev))].toSorted((a, b) => a - b).join(" ");
  const [length, other] = [lengthOf(ours), lengthOf(theirs)];
  const off = other === 0 ? length : Math.abs(length - other) / other;
  const share = Math.min(shareNear(ours, theirs, cell), shareNear(theirs, ours, cell));
  const isSame = levels(ours) === levels(theirs);
  const found = `${ours.length}/${theirs.length} lines, length ${off.toExponential(1)}, ${(100 * share).toFixed(3)} % near`;
  row(`${name} every ${interval}`, found, "levels, 1e-3, 99 %", isSame && off <= LENGTH && share >= VERTICES);
}

/** Areas are valid, and add up to the cells that have a height. */
async function judgeAreas(name: string, dem: string, raster: Raster, interval: number, out: string): Promise<void> {
  const { width, height, affine, crs } = raster.info;
  const crsOption = crs === null ? ["--input-crs", ANY_CRS] : [];
  const options = ["--polygons", "--interval", `${interval}`, "--out", out, "--quiet"];
  run(process.execPath, [TILTH, "terrain", "contours", dem, ...options, ...crsOption]);
  // A window may lie where a DEM has no heights: then there is no layer.
  const query = "SELECT count(*) n, sum(ST_IsValid(geom)) valid, sum(ST_Area(geom)) area FROM contour";
  const hasLayer = run("ogrinfo", ["-q", out]).includes("contour");
  const text = hasLayer ? run("ogrinfo", ["-q", "-dialect", "sqlite", "-sql", query, out]) : "";
  const value = (key: string): number => Number(new RegExp(`${key} \\(\\w+\\) = (\\S+)`).exec(text)?.[1] ?? 0);
  const { validity } = await raster.readWindow({ x: 0, y: 0, width, height }, { validity: true });
  const cells = validity[0]?.reduce((sum, one) => sum + one, 0) ?? width * height;
  const area = cells * Math.abs((affine?.[0] ?? 1) * (affine?.[4] ?? 1));
  const off = area === 0 ? value("area") : Math.abs(value("area") / area - 1);
  const found = `${value("n") - value("valid")} of ${value("n")} invalid, area ${off.toExponential(1)}`;
  row(`${name} areas every ${interval}`, found, "0 invalid, 1e-9", value("n") === value("valid") && off <= 1e-9);
}

await withFolder(async (path) => {
  let i = 0;
  for await (const { name, dem } of listDems(path)) {
    const { bands } = await infoOf(dem);
    await using raster = await openRaster(dem);
    if (bands.length === 0) continue;
    const interval = await intervalOf(raster);
    await judgeLines(name, dem, raster, interval, path(`${i++}.geojson`));
    await judgeAreas(name, dem, raster, interval, path(`${i++}.gpkg`));
  }
});
