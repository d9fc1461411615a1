import { TilthError } from "../core/index.ts";
import { tileToText, type TileCoord, type TileMatrix, type TileMatrixSet } from "../grid/index.ts";
import { cutTile, inspectTile, type EncodedTile, type PixelWindow } from "../raster/index.ts";
import { SharedFlights } from "./shared_flights.ts";
import type { TileCache } from "./tile_cache.ts";
import { SizedCache } from "./tile_shelf.ts";

export interface EnlargeOptions {
  /** Levels below the deepest one down to which tiles are made; each halves the part that is enlarged. @default 8 */
  maxLevels?: number;
  signal?: AbortSignal;
}

/** Results kept for each cache, bytes. */
const KEPT_BYTES = 8_388_608;

interface Kept {
  readonly tiles: SizedCache<{ readonly fetchedAtMs: number; readonly made: EncodedTile }>;
  readonly flights: SharedFlights<EncodedTile>;
}

const kept = new WeakMap<TileCache, Kept>();

/**
 * A tile below the deepest level of a cache, cut out of the tile above it and enlarged; in that tile's format (PNG, JPEG of quality 90, WebP).
 * Equal tiles that are asked for at once are made once. The deepest level is the source's, or without a source the deepest with tiles in the
 * store, or `deepest` for who knows it.
 * @throws `tile.missing` where nothing can be enlarged: no tile above, not deeper than the deepest level or too deep, levels that do not halve
 * from one origin, or no image of those formats; what `getTile` throws
 */
export async function getEnlargedTile(
  cache: TileCache,
  tile: TileCoord,
  options: EnlargeOptions & { deepest?: number } = {},
): Promise<EncodedTile> {
  const { maxLevels = 8, signal } = options;
  const deepest = options.deepest ?? (await deepestLevel(cache, signal));
  const { grid } = cache.store;
  const depth = tile.z - deepest;
  if (deepest < 0 || depth < 1 || depth > maxLevels || !grid.hasTile(tile) || !halves(grid, deepest, tile.z))
    throw missing(tile);
  const above = await cache.getTile({ z: deepest, x: tile.x >> depth, y: tile.y >> depth }, { signal });
  if (above.data === null) throw missing(tile);
  return enlarge(cache, tile, depth, { data: above.data, fetchedAtMs: above.fetchedAtMs }, signal);
}

async function deepestLevel({ source, store }: TileCache, signal: AbortSignal | undefined): Promise<number> {
  if (source !== null) return Math.min(source.info.maxZoom, store.grid.maxZ);
  return (await store.listLevels({ signal })).at(-1) ?? -1;
}

/** Looks among what was made before; a result ends with the tile that it was made of. */
async function enlarge(
  cache: TileCache,
  tile: TileCoord,
  depth: number,
  above: { readonly data: Uint8Array; readonly fetchedAtMs: number },
  signal: AbortSignal | undefined,
): Promise<EncodedTile> {
  const { tiles, flights } = keptFor(cache);
  const key = `${tileToText(tile)} ${depth}`;
  const known = tiles.find(key);
  if (known !== null && known.fetchedAtMs === above.fetchedAtMs) return known.made;
  const make = async (): Promise<EncodedTile> => {
    const made = await cutOut(cache.store.grid, tile, depth, above.data);
    tiles.put(key, { fetchedAtMs: above.fetchedAtMs, made }, made.data.byteLength);
    return made;
  };
  return flights.join(`${key} ${above.fetchedAtMs}`, make, signal);
}

async function cutOut(grid: TileMatrixSet, tile: TileCoord, depth: number, data: Uint8Array): Promise<EncodedTile> {
  const { format, width, height } = inspectTile(data);
  const isImage = format === "png" || format === "jpeg" || format === "webp";
  if (!isImage || width === null || height === null) throw missing(tile);
  const window = windowOf(tile, depth, width, height);
  if (window === null) throw missing(tile);
  const { tileWidth, tileHeight } = grid.getMatrix(tile.z);
  return cutTile(data, window, tileWidth, tileHeight);
}

/** The part of the tile above that this one covers; null when that is no whole number of pixels. */
function windowOf({ x, y }: TileCoord, depth: number, tileWidth: number, tileHeight: number): PixelWindow | null {
  const parts = 2 ** depth;
  const [width, height] = [tileWidth / parts, tileHeight / parts];
  if (!Number.isInteger(width) || !Number.isInteger(height)) return null;
  return { left: (x % parts) * width, top: (y % parts) * height, width, height };
}

/** Every level down to `to` has half the cell size of the one above, the same origin and the same tile size. */
function halves({ matrices }: TileMatrixSet, from: number, to: number): boolean {
  for (let z = from; z < to; z++) {
    const [above, below] = [matrices[z], matrices[z + 1]];
    if (above === undefined || below === undefined || !isHalf(above, below)) return false;
  }
  return true;
}

function isHalf(above: TileMatrix, below: TileMatrix): boolean {
  // A hundredth of a pixel over the whole level.
  const pixels = Math.max(below.matrixWidth * below.tileWidth, below.matrixHeight * below.tileHeight);
  const drift = Math.abs(below.cellSize * 2 - above.cellSize) * pixels;
  const shifts = ([0, 1] as const).map((axis) => Math.abs(above.pointOfOrigin[axis] - below.pointOfOrigin[axis]));
  return (
    above.tileWidth === below.tileWidth &&
    above.tileHeight === below.tileHeight &&
    [drift, ...shifts].every((off) => off <= below.cellSize / 100)
  );
}

function keptFor(cache: TileCache): Kept {
  const known = kept.get(cache);
  if (known !== undefined) return known;
  const fresh: Kept = { tiles: new SizedCache(KEPT_BYTES), flights: new SharedFlights() };
  kept.set(cache, fresh);
  return fresh;
}

function missing(tile: TileCoord): TilthError {
  return new TilthError("tile.missing", `there is no tile ${tileToText(tile)}, and none above it to enlarge`, {
    fields: { tile },
  });
}
