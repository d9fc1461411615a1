import { TilthError } from "../core/index.ts";
import type { Bbox } from "../geo/index.ts";
import { rangeCount, type TileCoord, type TileRange } from "../grid/index.ts";
import { blit, decodeTile, type RgbaImage } from "../raster/index.ts";
import type { TileCache } from "./tile_cache.ts";

/** An image with its place on Earth: all that a GeoTIFF or a world file needs. */
export interface GeoImage extends RgbaImage {
  /** Code of the CRS of `affine` and `bbox`. */
  readonly crs: string;
  /** In CRS units; the outer edges of the outer pixels. */
  readonly bbox: Bbox;
  /** Pixel (column, row) to CRS: x = a*column + b*row + c, y = d*column + e*row + f, at pixel corners. */
  readonly affine: readonly [a: number, b: number, c: number, d: number, e: number, f: number];
  /** Tiles asked for, and those of them that were not there (transparent). */
  readonly tiles: { readonly asked: number; readonly missing: number };
}

/** Pixels of one mosaic at the most: 400 MB as RGBA. */
export const MAX_MOSAIC_PIXELS = 100_000_000;

/**
 * The tiles of a box on one level as one image, cut to whole pixels around the box. Tiles pass one by one: memory is the image's own.
 * @param bbox in CRS units of the cache's grid
 * @throws `argument.invalid` when it would have more than `MAX_MOSAIC_PIXELS`; what `getTile` throws
 */
export async function mosaicTiles(
  cache: TileCache,
  bbox: Bbox,
  z: number,
  options: { signal?: AbortSignal } = {},
): Promise<GeoImage> {
  const { grid } = cache.store;
  const range = grid.bboxToRange(bbox, z);
  if (range === null)
    throw new TilthError("bbox.invalid", `the box [${bbox.join(", ")}] lies outside of ${grid.id}`, {
      fields: { bbox: [...bbox] },
    });
  const frame = frameOf(cache, bbox, range);
  const image: RgbaImage = {
    width: frame.width,
    height: frame.height,
    data: new Uint8Array(frame.width * frame.height * 4),
  };
  let missing = 0;
  for await (const { tile, stored } of cache.getTiles(tilesOf(range), options)) {
    const data = stored?.data ?? null;
    if (data === null) missing += 1;
    else await drawTile(image, data, tile, frame);
  }
  return { ...image, ...frame.place, tiles: { asked: rangeCount(range), missing } };
}

interface Frame {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  /** Global pixel of the image's top left corner on its level. */
  left: number;
  top: number;
  place: Pick<GeoImage, "crs" | "bbox" | "affine">;
}

function frameOf(cache: TileCache, bbox: Bbox, range: TileRange): Frame {
  const { grid } = cache.store;
  const { cellSize, pointOfOrigin, tileWidth, tileHeight } = grid.getMatrix(range.z);
  const left = Math.max(range.minX * tileWidth, Math.floor((bbox[0] - pointOfOrigin[0]) / cellSize + 1e-6));
  const top = Math.max(range.minY * tileHeight, Math.floor((pointOfOrigin[1] - bbox[3]) / cellSize + 1e-6));
  const right = Math.min((range.maxX + 1) * tileWidth, Math.ceil((bbox[2] - pointOfOrigin[0]) / cellSize - 1e-6));
  const bottom = Math.min((range.maxY + 1) * tileHeight, Math.ceil((pointOfOrigin[1] - bbox[1]) / cellSize - 1e-6));
  // A box within a pixel's rounding is still one pixel.
  const [width, height] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  if (width * height > MAX_MOSAIC_PIXELS) {
    throw new TilthError(
      "argument.invalid",
      `expected an image of at most ${MAX_MOSAIC_PIXELS} pixels, got ${width} x ${height}; choose a smaller zoom or box`,
    );
  }
  const x = pointOfOrigin[0] + left * cellSize;
  const y = pointOfOrigin[1] - top * cellSize;
  const box: Bbox = [x, y - height * cellSize, x + width * cellSize, y];
  return {
    width,
    height,
    tileWidth,
    tileHeight,
    left,
    top,
    place: { crs: grid.crs.code, bbox: box, affine: [cellSize, 0, x, 0, -cellSize, y] },
  };
}

async function drawTile(image: RgbaImage, data: Uint8Array, tile: TileCoord, frame: Frame): Promise<void> {
  const pixels = await decodeTile(data);
  if (pixels.width !== frame.tileWidth || pixels.height !== frame.tileHeight) {
    throw new TilthError(
      "store.corrupt",
      `expected tiles of ${frame.tileWidth} x ${frame.tileHeight} px, got ${pixels.width} x ${pixels.height} at ${tile.z}/${tile.x}/${tile.y}`,
    );
  }
  blit(image, pixels, tile.x * frame.tileWidth - frame.left, tile.y * frame.tileHeight - frame.top);
}

function* tilesOf(range: TileRange): Generator<TileCoord> {
  for (let y = range.minY; y <= range.maxY; y++)
    for (let x = range.minX; x <= range.maxX; x++) yield { z: range.z, x, y };
}
