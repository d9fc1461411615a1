import { workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import { getCrs } from "../../crs/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import type { TileCoord, TileMatrixSet, TileRange } from "../../grid/index.ts";
import {
  checkTileEncoding,
  RasterThreads,
  type ElevationEncoding,
  type EncodedTile,
  type PixelRect,
  type Raster,
  type RasterInfo,
  type TileEncoding,
} from "../../raster/index.ts";
import { imageExtent, requirePlace, suggestTarget, warpedRaster, type Resampling } from "../../reproject/index.ts";
import type { FetchTileOptions, SourceInfo, SourceTile, TileSource } from "../../source/index.ts";
import type { encodeParent, encodeWindow } from "./tile_worker.ts";
import type { TilePixels } from "./tile_pixels.ts";

export interface RasterSourceOptions {
  readonly grid: TileMatrixSet;
  /** Shown to people and kept in the file. */
  readonly name: string;
  /** @default "bilinear", for palettes "nearest" */
  readonly resampling?: Resampling;
  /** @default { format: "png" } */
  readonly encoding?: TileEncoding;
  /** Heights of the first band are written into the colours of PNG tiles. @default null */
  readonly elevation?: ElevationEncoding | null;
  /** Values that become black and white, for bands that are not bytes. @default null */
  readonly stretch?: readonly [least: number, most: number] | null;
  /** @default one for each core */
  readonly threads?: number;
}

const module = workerModuleUrl("./tile_worker", import.meta.url);
const windowTask = workerTask<typeof encodeWindow>({ module, name: "encodeWindow" });
const parentTask = workerTask<typeof encodeParent>({ module, name: "encodeParent" });

/** A raster as a source of tiles: each is warped out of it when it is asked for. The raster stays the caller's. */
export class RasterSource implements TileSource {
  readonly info: SourceInfo & { readonly bounds: LonLatBbox };
  readonly hosts = [];
  readonly #raster: Raster;
  readonly #options: RasterSourceOptions;
  readonly #pool: RasterThreads;
  readonly #levels = new Map<number, Level>();

  /** @throws `raster.unsupported` for a raster that lies nowhere, `crs.unsupported`, `argument.invalid` for bands that are no colours */
  constructor(raster: Raster, options: RasterSourceOptions) {
    const { encoding = { format: "png" }, elevation = null } = options;
    checkTileEncoding(encoding);
    const { grid, name } = options;
    this.#raster = raster;
    this.#options = { ...options, encoding: elevation === null ? encoding : { ...encoding, format: "png" } };
    requireColors(raster.info, options);
    this.#pool = new RasterThreads(options.threads);
    const format = elevation === null ? encoding.format : "png";
    this.info = {
      id: `raster:${name}`,
      kind: "raster",
      title: name,
      attribution: "",
      grid,
      minZoom: 0,
      maxZoom: grid.maxZ,
      bounds: boundsOf(raster.info),
      format: format === "mixed" ? null : format,
      bulk: "allowed",
      termsUrl: null,
    };
  }

  /** The level whose pixels are nearest in size to the raster's own. */
  get nativeZoom(): number {
    const { grid } = this.#options;
    const [cellSize] = suggestTarget(this.#raster.info, grid.crs).affine;
    const off = grid.matrices.map((matrix) => Math.abs(Math.log2(matrix.cellSize / cellSize)));
    return off.indexOf(Math.min(...off));
  }

  async fetchTile(tile: TileCoord, { signal }: FetchTileOptions = {}): Promise<SourceTile> {
    throwIfAborted(signal);
    const { raster, range } = this.#levelOf(tile.z);
    const { tileWidth: width, tileHeight: height } = this.#options.grid.getMatrix(tile.z);
    if (raster === null || !isWithin(tile, range)) return { kind: "empty" };
    const rect: PixelRect = { x: (tile.x - range.minX) * width, y: (tile.y - range.minY) * height, width, height };
    const how = this.#pixelsOf(width, height);
    const window = await raster.readWindow(rect, { bands: this.#bandsRead(), validity: true, signal });
    const { bands, validity } = window;
    const transfer = bands.map(({ buffer }) => buffer);
    const encoded = await this.#pool.run(windowTask, [{ bands, validity }, how], { signal, transfer });
    return tileOf(encoded);
  }

  /** The tile above four tiles of this source, given as they are stored: upper left, upper right, lower left, lower right; null is none. */
  async makeParent(
    z: number,
    children: readonly (Uint8Array | null)[],
    signal: AbortSignal | undefined,
  ): Promise<SourceTile> {
    if (children.every((child) => child === null)) return { kind: "empty" };
    const { tileWidth, tileHeight } = this.#options.grid.getMatrix(z);
    return tileOf(await this.#pool.run(parentTask, [children, this.#pixelsOf(tileWidth, tileHeight)], { signal }));
  }

  async close(): Promise<void> {
    await this.#pool.close();
    for (const { raster } of this.#levels.values()) await raster?.close();
  }

  /** The raster in the pixels of a level, from the first tile that it reaches. */
  #levelOf(z: number): Level {
    const known = this.#levels.get(z);
    if (known !== undefined) return known;
    const { grid, resampling, threads } = this.#options;
    const range = grid.bboxToRange(imageExtent(this.#raster.info, requirePlace(this.#raster.info), grid.crs), z);
    let level: Level = { raster: null, range: { z, minX: 0, maxX: -1, minY: 0, maxY: -1 } };
    if (range !== null) {
      const { cellSize, tileWidth, tileHeight } = grid.getMatrix(z);
      const [left, , , top] = grid.rangeToBbox(range);
      const target = {
        crs: grid.crs,
        affine: [cellSize, 0, left, 0, -cellSize, top] as const,
        width: (range.maxX - range.minX + 1) * tileWidth,
        height: (range.maxY - range.minY + 1) * tileHeight,
      };
      level = { raster: warpedRaster(this.#raster, target, { resampling, threads }), range };
    }
    this.#levels.set(z, level);
    return level;
  }

  #bandsRead(): number[] {
    const { colors, alpha } = colorBands(this.#raster.info);
    const { elevation = null } = this.#options;
    if (elevation !== null) return [0];
    return alpha === null ? colors : [...colors, alpha];
  }

  #pixelsOf(width: number, height: number): TilePixels {
    const { encoding = { format: "png" }, elevation = null, stretch = null } = this.#options;
    const { colors, alpha } = colorBands(this.#raster.info);
    return {
      width,
      height,
      encoding,
      elevation,
      stretch,
      palette: this.#raster.info.palette,
      colors: colors.map((_, i) => i),
      alpha: alpha === null ? null : colors.length,
    };
  }
}

interface Level {
  /** Null where no tile of the level shares ground with the raster. */
  readonly raster: Raster | null;
  readonly range: TileRange;
}

function isWithin({ x, y }: TileCoord, { minX, maxX, minY, maxY }: TileRange): boolean {
  return x >= minX && x <= maxX && y >= minY && y <= maxY;
}

function tileOf(encoded: EncodedTile | null): SourceTile {
  return encoded === null
    ? { kind: "empty" }
    : { kind: "tile", data: encoded.data, format: encoded.format, etag: null, lastModified: null };
}

/** Bands that are seen: by what they say of themselves, else the first three, or the first alone. */
function colorBands({ bands, palette }: RasterInfo): { colors: number[]; alpha: number | null } {
  const indexOf = (color: string): number => bands.findIndex((band) => band.color === color);
  const alpha = indexOf("alpha") === -1 ? null : indexOf("alpha");
  const named = ["red", "green", "blue"].map(indexOf);
  if (!named.includes(-1)) return { colors: named, alpha };
  const others = bands.map((_, i) => i).filter((i) => i !== alpha);
  return { colors: palette !== null || others.length < 3 ? others.slice(0, 1) : others.slice(0, 3), alpha };
}

function requireColors(info: RasterInfo, { elevation = null, stretch = null }: RasterSourceOptions): void {
  if (stretch !== null && !(stretch[0] < stretch[1]))
    throw new TilthError(
      "argument.invalid",
      `expected a stretch from a value to a greater one, got ${stretch.join(" to ")}`,
    );
  const isBytes = colorBands(info).colors.every((band) => info.bands[band]?.type === "uint8");
  if (elevation !== null || stretch !== null || isBytes) return;
  throw new TilthError(
    "argument.invalid",
    `expected bands of bytes, got ${info.bands[0]?.type}: say which values are black and white (--stretch least,most), or that they are heights (--elevation terrarium)`,
  );
}

/** Where the raster lies, lon/lat; west is greater than east across the antimeridian. */
function boundsOf(info: RasterInfo): LonLatBbox {
  const [west, south, east, north] = imageExtent(info, requirePlace(info), getCrs("EPSG:4326"));
  const around = (lon: number): number => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
  if (east - west >= 360) return [-180, Math.max(-90, south), 180, Math.min(90, north)];
  return [around(west), Math.max(-90, south), around(east), Math.min(90, north)];
}
