// Writes test/golden/grid_tiles.json: tiles of many grids with their boxes and the lon/lat of their corners. The boxes follow from the published
// definitions below, the corners from PROJ's cs2cs, which must be installed; nothing of src/ is used.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Definition {
  grid: string;
  crs: string;
  /** What cs2cs reads first. */
  yFirst: boolean;
  /** Upper left corner, x first; `lower`: the lower left one, from which rows are counted. */
  origin: readonly [x: number, y: number];
  lower?: boolean;
  /** z to units for one pixel of 256; for `lower` also the number of rows. */
  levels: Readonly<Record<number, number | readonly [cellSize: number, rows: number]>>;
  /** z/x/y, rows from the top. */
  tiles: readonly string[];
}

const WEB = 20037508.3427892;

/** The documents of the polar grids round their cell sizes to 10 digits; their square is twice 16,440,759.350252 m. */
const UPS_SPAN = 32881518.700504;

/** OGC 17-083r4, annex D and the registry's documents; BlenderGIS' grids; the default grids as docs/guide/grids.md tells how they are made. */
const DEFINITIONS: readonly Definition[] = [
  {
    grid: "WebMercatorQuad",
    crs: "EPSG:3857",
    yFirst: false,
    origin: [-WEB, WEB],
    levels: { 0: 156543.033928041, 10: 152.874056570352, 18: 0.597164283477939 },
    tiles: ["0/0/0", "10/536/358", "18/137263/91789"],
  },
  {
    grid: "WorldCRS84Quad",
    crs: "EPSG:4326",
    yFirst: true,
    origin: [-180, 90],
    levels: { 0: 0.703125, 8: 0.00274658203125 },
    tiles: ["0/1/0", "8/267/60"],
  },
  {
    grid: "WorldMercatorWGS84Quad",
    crs: "EPSG:3395",
    yFirst: false,
    origin: [-WEB, WEB],
    levels: { 3: 19567.8792410051, 12: 38.2185141425881 },
    tiles: ["3/4/2", "12/2150/1433"],
  },
  {
    grid: "UPSArcticWGS84Quad",
    crs: "EPSG:5041",
    yFirst: false,
    origin: [-14440759.350252, 18440759.350252],
    levels: { 4: UPS_SPAN / 2 ** 12, 6: UPS_SPAN / 2 ** 14 },
    tiles: ["4/7/7", "4/8/8", "6/30/33"],
  },
  {
    grid: "UPSAntarcticWGS84Quad",
    crs: "EPSG:5042",
    yFirst: false,
    origin: [-14440759.350252, 18440759.350252],
    levels: { 4: UPS_SPAN / 2 ** 12, 6: UPS_SPAN / 2 ** 14 },
    tiles: ["4/7/7", "4/8/8", "6/33/30"],
  },
  {
    grid: "EuropeanETRS89_LAEAQuad",
    crs: "EPSG:3035",
    yFirst: true,
    origin: [2000000, 5500000],
    levels: { 0: 17578.125, 7: 137.3291015625 },
    tiles: ["0/0/0", "7/65/82"],
  },
  {
    grid: "UTM31WGS84Quad",
    crs: "EPSG:32631",
    yFirst: false,
    origin: [-9501965.72931276, 20003931.4586255],
    levels: { 7: 610.471541095749, 10: 76.3089426369687 },
    tiles: ["7/63/93", "10/511/740"],
  },
  {
    grid: "CanadianNAD83_LCC",
    crs: "EPSG:3978",
    yFirst: false,
    origin: [-34655800, 39310000],
    levels: { 5: 2645.83862501058, 12: 66.1459656252646 },
    tiles: ["5/51/57", "12/2068/2330"],
  },
  {
    grid: "LB93",
    crs: "EPSG:2154",
    yFirst: false,
    origin: [99200, 7110500],
    levels: { 0: 1143300 / 256, 6: 1143300 / 256 / 64 },
    tiles: ["0/0/0", "6/30/14"],
  },
  {
    grid: "LB93_2",
    crs: "EPSG:2154",
    yFirst: false,
    origin: [99200, 6049600],
    lower: true,
    levels: { 5: [100, 42], 8: [10, 415] },
    tiles: ["5/21/10", "8/215/100"],
  },
  {
    grid: "EPSG:2056",
    crs: "EPSG:2056",
    yFirst: false,
    origin: [2484224, 1300480],
    levels: { 0: 2048, 9: 4 },
    tiles: ["0/0/0", "9/113/98"],
  },
  {
    grid: "EPSG:3031",
    crs: "EPSG:3031",
    yFirst: false,
    origin: [-3342336, 3342336],
    levels: { 0: 32768, 6: 512 },
    tiles: ["6/25/25", "6/30/11"],
  },
];

interface GoldenTile {
  grid: string;
  crs: string;
  tile: string;
  /** minX, minY, maxX, maxY in CRS units. */
  bbox: number[];
  /** lon, lat of the lower left and of the upper right corner, degrees. */
  corners: number[][];
}

function bboxOf({ origin, levels, lower }: Definition, tile: string): number[] {
  const [z = 0, x = 0, y = 0] = tile.split("/").map(Number);
  const level = levels[z] ?? Number.NaN;
  const [cellSize, rows] = typeof level === "number" ? [level, 0] : level;
  const span = cellSize * 256;
  const top = lower === true ? origin[1] + (rows - y) * span : origin[1] - y * span;
  return [origin[0] + x * span, top - span, origin[0] + (x + 1) * span, top];
}

/** The grid may be called by EPSG:4326 while tiles have x first: cs2cs gets the order of the authority. */
function cornersOf({ crs, yFirst }: Definition, [minX = 0, minY = 0, maxX = 0, maxY = 0]: number[]): number[][] {
  const lines = [
    [minX, minY],
    [maxX, maxY],
  ].map(([x, y]) => (yFirst ? `${y} ${x}` : `${x} ${y}`));
  const { stdout, stderr, status } = spawnSync(
    "cs2cs",
    ["-f", "%.11f", crs, "+to", "+proj=longlat", "+datum=WGS84", "+type=crs"],
    { input: lines.join("\n"), encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`cs2cs failed: ${stderr}`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/).slice(0, 2).map(Number));
}

const tiles = DEFINITIONS.flatMap((definition) =>
  definition.tiles.map((tile): GoldenTile => {
    const bbox = bboxOf(definition, tile);
    return { grid: definition.grid, crs: definition.crs, tile, bbox, corners: cornersOf(definition, bbox) };
  }),
);
const lines = tiles.map((tile) => `  ${JSON.stringify(tile)}`).join(",\n");
writeFileSync(fileURLToPath(new URL("../test/golden/grid_tiles.json", import.meta.url)), `[\n${lines}\n]\n`);
