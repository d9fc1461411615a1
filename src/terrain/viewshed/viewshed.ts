import { throwIfAborted, TilthError } from "../../core/index.ts";
import type { PixelArray, PixelRect, Raster, RasterStrip, WriteInfo } from "../../raster/index.ts";
import { cellSizes } from "../cell_sizes.ts";
import { lookAlongRow, type SightRow } from "./sight_lines.ts";

export interface ViewshedOptions {
  /** In the DEM's CRS. */
  readonly observer: readonly [x: number, y: number];
  /** Of the eye above the ground, in units of height. @default 2 */
  readonly observerHeight?: number;
  /** Of what is looked at above the ground, in units of height. @default 0 */
  readonly targetHeight?: number;
  /** In units of the CRS, of a geographic one metres; 0: as far as the DEM reaches. @default 0 */
  readonly maxDistance?: number;
  /**
   * Share of the Earth's curve that remains when light is bent: a cell lies `curvature * distance ** 2 / diameter` deeper. 0: a flat Earth. Without a CRS
   * the Earth is flat. @default 0.85714, as gdal_viewshed
   */
  readonly curvature?: number;
  /** @default 255 */
  readonly visible?: number;
  /** Also where there is no height. @default 0 */
  readonly invisible?: number;
  /** Beyond `maxDistance`. @default 0 */
  readonly outOfRange?: number;
  /** Index from 0. @default 0 */
  readonly band?: number;
  readonly signal?: AbortSignal;
}

/** A part of the DEM, as far as the observer looks. */
export interface Viewshed {
  /** Of the DEM's cells. */
  readonly rect: PixelRect;
  /** Row by row from the top. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly visibleCells: number;
  readonly hiddenCells: number;
}

/** Cells within the greatest distance: 5 bytes each are held, 320 MB. */
export const MAX_VIEWSHED_CELLS = 64_000_000;
const EARTH_DIAMETER_M = 2 * 6_378_137;
const CURVATURE = 0.857_14;
/** Rows that are read, or looked along, between two turns of the event loop. */
const ROWS_A_TURN = 128;

/**
 * What can be seen from a place, cell by cell from it outwards, each by the line of sight over the cells before it. Holds the cells within
 * `maxDistance`.
 * @throws `argument.invalid` for an observer off the DEM or where it has no height, and for numbers that make no sense; `raster.tooLarge` for more
 * than 64 million cells; `raster.unsupported` for a DEM that is not north-up; what reading throws; `cancelled`
 */
export async function computeViewshed(raster: Raster, options: ViewshedOptions): Promise<Viewshed> {
  check(options);
  const scene = sceneOf(raster, options);
  const heights = await readHeights(raster, scene.rect, options);
  const ground = heights[scene.row * scene.rect.width + scene.column] as number;
  if (Number.isNaN(ground))
    throw new TilthError("argument.invalid", "expected an observer where the DEM has a height, got a gap in it");
  const pixels = await look(scene, heights, ground, options);
  const { visible = 255, invisible = 0 } = options;
  return { rect: scene.rect, ...translate(pixels, { visible, invisible, outOfRange: options.outOfRange ?? 0 }) };
}

/** What a file of it says of itself. */
export function viewshedInfo({ info }: Raster, { rect }: Viewshed): WriteInfo {
  const band = {
    type: "uint8",
    description: "",
    nodata: null,
    scale: 1,
    offset: 0,
    unit: "",
    color: "gray",
  } as const;
  const [a, b, c, d, e, f] = info.affine ?? [1, 0, 0, 0, -1, 0];
  const affine = [a, b, a * rect.x + b * rect.y + c, d, e, d * rect.x + e * rect.y + f] as const;
  return { width: rect.width, height: rect.height, bands: [band], crs: info.crs, affine };
}

/** For `writeGeotiff`. */
export async function* viewshedStrips({ rect, pixels }: Viewshed): AsyncGenerator<RasterStrip, void, undefined> {
  for (let y = 0; y < rect.height; y += ROWS_A_TURN) {
    const height = Math.min(ROWS_A_TURN, rect.height - y);
    yield { height, bands: [pixels.slice(y * rect.width, (y + height) * rect.width)] };
  }
}

/** What is looked at, and from where. */
interface Scene {
  readonly rect: PixelRect;
  /** Of the observer, within `rect`. */
  readonly column: number;
  readonly row: number;
  /** How far a cell of that row of `rect` is, squared, in metres or units of the CRS. */
  readonly distanceSquared: (columns: number, row: number) => number;
  /** In the same units; infinite where nothing is known of it. */
  readonly earthDiameter: number;
}

function check({ observer, maxDistance = 0, ...rest }: ViewshedOptions): void {
  const { observerHeight = 2, targetHeight = 0, curvature = CURVATURE } = rest;
  const numbers = [...observer, maxDistance, observerHeight, targetHeight, curvature];
  const values = [rest.visible ?? 255, rest.invisible ?? 0, rest.outOfRange ?? 0];
  const isFine =
    numbers.every(Number.isFinite) &&
    maxDistance >= 0 &&
    values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
  if (isFine) return;
  const message =
    "expected an observer, heights, a curvature and a distance (0 or more) that are numbers, and values from 0 to 255";
  throw new TilthError("argument.invalid", message, { fields: { numbers, values } });
}

function sceneOf({ info }: Raster, { observer, maxDistance = 0 }: ViewshedOptions): Scene {
  const sizeOf = cellSizes(info);
  const [a, , c, , e, f] = info.affine ?? [1, 0, 0, 0, -1, 0];
  const [column, row] = [Math.floor((observer[0] - c) / a), Math.floor((observer[1] - f) / e)];
  if (!(column >= 0 && row >= 0 && column < info.width && row < info.height)) {
    const message = `expected an observer within the DEM, got ${observer.join(", ")}, which lies in column ${column} and row ${row} of ${info.width} x ${info.height}`;
    throw new TilthError("argument.invalid", message, { fields: { observer } });
  }
  const size = sizeOf(row);
  const reach = maxDistance === 0 ? Infinity : maxDistance;
  const rect = rectAround(
    info,
    { column, row },
    reach / narrowest(info, sizeOf, row, reach / size.height),
    reach / size.height,
  );
  const distanceSquared = (columns: number, y: number): number => {
    const width = (sizeOf(rect.y + y).width + size.width) / 2;
    return (columns * width) ** 2 + ((rect.y + y - row) * size.height) ** 2;
  };
  const metres = info.crs === null ? null : info.crs.kind === "geographic" ? 1 : info.crs.metresPerUnit;
  const earthDiameter = metres === null ? Infinity : EARTH_DIAMETER_M / metres;
  return { rect, column: column - rect.x, row: row - rect.y, distanceSquared, earthDiameter };
}

/** Width of the narrowest cells within reach: those nearest to a pole. */
function narrowest(
  { height }: Raster["info"],
  sizeOf: (row: number) => { readonly width: number },
  row: number,
  reach: number,
): number {
  const rows = [row, Math.max(0, Math.ceil(row - reach)), Math.min(height - 1, Math.floor(row + reach))];
  return Math.min(...rows.map((one) => sizeOf(one).width));
}

function rectAround(
  info: Raster["info"],
  { column, row }: { column: number; row: number },
  columns: number,
  rows: number,
): PixelRect {
  const [x, y] = [Math.max(0, Math.floor(column - columns)), Math.max(0, Math.floor(row - rows))];
  const width = Math.min(info.width, Math.ceil(column + columns) + 1) - x;
  const height = Math.min(info.height, Math.ceil(row + rows) + 1) - y;
  if (width * height <= MAX_VIEWSHED_CELLS) return { x, y, width, height };
  const message = `expected at most ${MAX_VIEWSHED_CELLS} cells within the greatest distance, got ${width} x ${height}; look less far, or take a coarser DEM`;
  throw new TilthError("raster.tooLarge", message, { fields: { width, height } });
}

async function readHeights(
  raster: Raster,
  rect: PixelRect,
  { band = 0, signal }: ViewshedOptions,
): Promise<Float32Array> {
  const { scale, offset } = raster.info.bands[band] ?? { scale: 1, offset: 0 };
  const heights = new Float32Array(rect.width * rect.height);
  for (let y = 0; y < rect.height; y += ROWS_A_TURN) {
    const part = { ...rect, y: rect.y + y, height: Math.min(ROWS_A_TURN, rect.height - y) };
    const { bands, validity } = await raster.readWindow(part, { bands: [band], validity: true, signal });
    const [pixels, valid = null] = [bands[0] as PixelArray, validity[0]];
    for (let i = 0, at = y * rect.width; i < pixels.length; i++, at++) {
      const height = (pixels[i] as number) * scale + offset;
      heights[at] = valid?.[i] === 0 || !Number.isFinite(height) ? Number.NaN : height;
    }
  }
  return heights;
}

/** 1 seen, 0 hidden, 2 too far. */
async function look(
  scene: Scene,
  heights: Float32Array,
  ground: number,
  { observerHeight = 2, targetHeight = 0, maxDistance = 0, curvature = CURVATURE, signal }: ViewshedOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { rect, column, row } = scene;
  const { width } = rect;
  const seen = new Uint8Array(width * rect.height);
  const bend = curvature / scene.earthDiameter;
  const reach = maxDistance === 0 ? Infinity : maxDistance ** 2;
  const take = (y: number): SightRow => {
    const line = { heights: new Float64Array(width), seen: seen.subarray(y * width, (y + 1) * width) };
    for (let x = 0; x < width; x++)
      line.heights[x] = (heights[y * width + x] as number) - bend * scene.distanceSquared(x - column, y);
    return line;
  };
  const finish = (y: number): void => {
    for (let x = 0; x < width; x++) if (scene.distanceSquared(x - column, y) > reach) seen[y * width + x] = 2;
  };
  const options = { column, eye: ground + observerHeight, targetHeight };
  const own = take(row);
  own.seen[column] = 1;
  lookAlongRow(own, own.heights, { ...options, rows: 0 });
  finish(row);
  for (const [step, end] of [
    [-1, -1],
    [1, rect.height],
  ] as const) {
    let before = own.heights;
    for (let y = row + step; y !== end; y += step) {
      const line = take(y);
      lookAlongRow(line, before, { ...options, rows: Math.abs(y - row) });
      finish(y);
      before = line.heights;
      if (y % ROWS_A_TURN !== 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal);
    }
  }
  return seen;
}

interface Values {
  readonly visible: number;
  readonly invisible: number;
  readonly outOfRange: number;
}

function translate(pixels: Uint8Array<ArrayBuffer>, { visible, invisible, outOfRange }: Values) {
  let [visibleCells, hiddenCells] = [0, 0];
  for (let i = 0; i < pixels.length; i++) {
    const state = pixels[i] as number;
    if (state === 1) visibleCells++;
    if (state === 0) hiddenCells++;
    pixels[i] = state === 1 ? visible : state === 0 ? invisible : outOfRange;
  }
  return { pixels, visibleCells, hiddenCells };
}
