import { TilthError } from "../../core/index.ts";
import type { TileMatrixSet, TileRange } from "../../grid/index.ts";
import {
  BlockRaster,
  decodeTile,
  detectElevation,
  type BandInfo,
  type ColorInterpretation,
  type ElevationEncoding,
  type Raster,
  type RasterInfo,
  type RgbaImage,
} from "../../raster/index.ts";
import type { TileStore } from "../../store/index.ts";
import { TileImage } from "./tile_image.ts";

export interface CacheRasterOptions {
  /** Level that is the image. @default the deepest with tiles */
  readonly zoom?: number;
  /**
   * How the colours of tiles are metres: the raster has one band of them then. `auto` looks at some tiles and refuses what cannot be heights.
   * @default null: colours
   */
  readonly elevation?: ElevationEncoding | "auto" | null;
  /** The levels above are its overviews; the image then reaches to the sides of a tile of the coarsest. @default true */
  readonly overviews?: boolean;
  readonly signal?: AbortSignal;
}

/** Decoded tiles that are kept, for each level. */
const CACHE_BYTES = 32 * 1024 * 1024;

/**
 * The tiles of a store as a Raster: one level is the image, those above it are its overviews where each halves the one below. What has no tile is clear, or NaN.
 * The store is the raster's own from then on, also when this throws.
 * @throws `grid.level` for a level without tiles, `raster.unsupported` for elevation that cannot be, `store.*`
 */
export async function openCacheRaster(store: TileStore, options: CacheRasterOptions = {}): Promise<Raster> {
  try {
    const extents = await store.readExtents({ signal: options.signal });
    const base = requireExtent(extents, store, options.zoom);
    const elevation =
      options.elevation === "auto" ? await findElevation(store, base, options.signal) : (options.elevation ?? null);
    const ranges = options.overviews === false ? [base] : listRanges(store.grid, extents, base);
    const images = ranges.map((range) => ({ image: new TileImage(store, range, elevation), mask: null }));
    const info = infoOf(
      store,
      ranges[0] as TileRange,
      images.map(({ image }) => image),
      elevation,
    );
    return new BlockRaster({ info, images, cacheBytes: CACHE_BYTES, close: () => store.close() });
  } catch (error) {
    await store.close();
    throw error;
  }
}

function requireExtent(extents: readonly TileRange[], store: TileStore, zoom: number | undefined): TileRange {
  const found = zoom === undefined ? extents.at(-1) : extents.find(({ z }) => z === zoom);
  if (found !== undefined) return found;
  const known = extents.map(({ z }) => z).join(", ");
  const wanted = zoom === undefined ? "tiles" : `tiles of zoom ${zoom}`;
  throw new TilthError("grid.level", `expected ${wanted} in ${store.location}, got zooms ${known || "none"}`);
}

/** The level of the image, then those that halve it; all reach over the same ground. */
function listRanges(grid: TileMatrixSet, extents: readonly TileRange[], base: TileRange): TileRange[] {
  let halvings = 0;
  while (
    extents.some(({ z }) => z === base.z - halvings - 1) &&
    isHalf(grid, base.z - halvings) &&
    Math.max(base.maxX - base.minX, base.maxY - base.minY) >> halvings > 0
  )
    halvings++;
  return Array.from({ length: halvings + 1 }, (_, up) => {
    // Tiles of the coarsest level, in those of this one.
    const [top, below] = [halvings, halvings - up];
    const first = (value: number): number => (value >> top) << below;
    const last = (value: number): number => (((value >> top) + 1) << below) - 1;
    return {
      z: base.z - up,
      minX: first(base.minX),
      maxX: last(base.maxX),
      minY: first(base.minY),
      maxY: last(base.maxY),
    };
  });
}

/** Is the level above `z` the same in half as many pixels? */
export function isHalf(grid: TileMatrixSet, z: number): boolean {
  if (z < 1) return false;
  const [above, own] = [grid.getMatrix(z - 1), grid.getMatrix(z)];
  const isSame =
    above.tileWidth === own.tileWidth &&
    above.tileHeight === own.tileHeight &&
    above.pointOfOrigin.every((value, i) => Math.abs(value - (own.pointOfOrigin[i] as number)) < own.cellSize * 1e-6);
  return isSame && Math.abs(above.cellSize / own.cellSize - 2) < 1e-9;
}

/** Tiles that are looked at. */
const SAMPLES = 8;

async function findElevation(
  store: TileStore,
  range: TileRange,
  signal: AbortSignal | undefined,
): Promise<ElevationEncoding> {
  const images: RgbaImage[] = [];
  for await (const { data } of store.list({ range, signal })) {
    if (data === null) continue;
    images.push(await decodeTile(data));
    if (images.length === SAMPLES) break;
  }
  const found = detectElevation(images);
  if (found !== null) return found;
  throw new TilthError(
    "raster.unsupported",
    `expected tiles that hold heights (terrarium or terrainRgb), got colours in ${store.location} that by neither way are heights of the Earth`,
  );
}

const COLORS: readonly ColorInterpretation[] = ["red", "green", "blue", "alpha"];

function infoOf(
  store: TileStore,
  range: TileRange,
  images: readonly TileImage[],
  elevation: ElevationEncoding | null,
): RasterInfo {
  const [image, ...overviews] = images as [TileImage, ...TileImage[]];
  const { grid, metadata, kind } = store;
  const { cellSize } = grid.getMatrix(range.z);
  const [left, , , top] = grid.rangeToBbox(range);
  const plain = { description: "", scale: 1, offset: 0, type: image.type };
  const bands =
    elevation === null
      ? COLORS.map((color): BandInfo => ({ ...plain, color, nodata: null, unit: "" }))
      : [{ ...plain, color: "gray", nodata: Number.NaN, unit: "metre" } satisfies BandInfo];
  return {
    format: `tiles (${kind})`,
    width: image.width,
    height: image.height,
    bands,
    crs: grid.crs,
    crsNote: grid.crs.code,
    affine: [cellSize, 0, left, 0, -cellSize, top],
    placeNote: "",
    pixelIs: "area",
    block: image.block,
    overviews: overviews.map(({ width, height, block }) => ({ width, height, block })),
    mask: elevation === null ? "alpha" : "nodata",
    palette: null,
    compression: metadata.format ?? "none",
    metadata: metadata.title === "" ? {} : { title: metadata.title },
  };
}
