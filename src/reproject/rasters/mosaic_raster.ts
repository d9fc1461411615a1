import { TilthError } from "../../core/index.ts";
import type { Crs } from "../../crs/index.ts";
import { bboxUnion, type Bbox } from "../../geo/index.ts";
import {
  applyAffine,
  ComputedRaster,
  invertAffine,
  newPixels,
  type BandInfo,
  type ComputeRequest,
  type PixelArray,
  type PixelRect,
  type Raster,
  type RasterInfo,
} from "../../raster/index.ts";
import type { Resampling } from "../resampling.ts";
import { outputBands } from "./output_bands.ts";
import { warpedRaster } from "./warped_raster.ts";
import { imageExtent, requirePlace, suggestTarget, type TargetOptions, type WarpTarget } from "./warp_target.ts";

export interface MosaicOptions extends Pick<TargetOptions, "resolution" | "extent"> {
  /** Which of several rasters is seen where they lie over each other. @default "last" */
  readonly onTop?: "first" | "last";
  /** @default that of the first raster */
  readonly crs?: Crs;
  /** Of pixels that no raster covers. @default the first raster's; NaN for fractions, 0 for whole numbers without one */
  readonly nodata?: number;
  /** For rasters whose pixels do not lie on those of the mosaic. @default "nearest" */
  readonly resampling?: Resampling;
  /** @default one for each core */
  readonly threads?: number;
}

/** A raster in the mosaic's pixels, and where it begins. */
interface Piece extends PixelRect {
  readonly raster: Raster;
}

/**
 * Many rasters as one. Those whose pixels are the mosaic's are copied, others are warped. The resolution is the first raster's. The sources stay
 * the caller's.
 * @throws `argument.invalid` for none, and for bands of other number or type; `raster.unsupported`, `crs.unsupported`
 */
export function mosaicRaster(sources: readonly Raster[], options: MosaicOptions = {}): Raster {
  const first = requireAlike(sources);
  const { onTop = "last", threads } = options;
  const target = mosaicTarget(sources, first, options);
  const info = mosaicInfo(first, target, options.nodata);
  const warped: Raster[] = [];
  const pieces = sources.map((raster): Piece => {
    const offset = offsetIn(raster.info, target);
    if (offset !== null) return { raster, ...offset, width: raster.info.width, height: raster.info.height };
    const part = partOf(raster.info, target);
    const made = warpedRaster(raster, part.target, { resampling: options.resampling ?? "nearest", threads });
    warped.push(made);
    return { raster: made, x: part.x, y: part.y, width: part.target.width, height: part.target.height };
  });
  const inOrder = onTop === "last" ? pieces : pieces.toReversed();
  return new ComputedRaster({
    info,
    compute: (request) => layPieces(info, inOrder, request),
    close: async () => void (await Promise.all(warped.map((raster) => raster.close()))),
  });
}

function requireAlike(sources: readonly Raster[]): RasterInfo {
  const first = sources[0]?.info;
  if (first === undefined) throw new TilthError("argument.invalid", "expected at least one raster, got none");
  for (const { info } of sources) {
    const isAlike =
      info.bands.length === first.bands.length && info.bands.every(({ type }, i) => type === first.bands[i]?.type);
    if (!isAlike)
      throw new TilthError(
        "argument.invalid",
        `expected rasters of the same bands, got ${describeBands(first)} and ${describeBands(info)}`,
      );
  }
  return first;
}

const describeBands = ({ bands }: RasterInfo): string => `${bands.length} of ${bands[0]?.type}`;

function mosaicTarget(sources: readonly Raster[], first: RasterInfo, options: MosaicOptions): WarpTarget {
  const place = requirePlace(first);
  const crs = options.crs ?? place.crs;
  const extents = sources.map(({ info }) => imageExtent(info, requirePlace(info), crs));
  const extent = options.extent ?? extents.reduce<Bbox>((all, one) => bboxUnion(all, one), extents[0] as Bbox);
  const isNorthUp = place.affine[1] === 0 && place.affine[3] === 0 && place.affine[0] > 0 && place.affine[4] < 0;
  const own = isNorthUp && crs.definition === place.crs.definition;
  const cell = [place.affine[0], -place.affine[4]] as const;
  const resolution = options.resolution ?? (own ? cell : suggestTarget(first, crs).affine[0]);
  return suggestTarget(first, crs, { extent, resolution });
}

function mosaicInfo(first: RasterInfo, target: WarpTarget, nodata: number | undefined): RasterInfo {
  const block = { width: target.width, height: Math.min(256, target.height) };
  return {
    ...first,
    ...target,
    ...outputBands(first, nodata),
    block,
    overviews: [],
    compression: "none",
    placeNote: "",
    pixelIs: "area",
  };
}

/** Parts of a pixel by which a raster's pixels may be off those of the mosaic and still be taken as they are. */
const ALIGNED_PIXELS = 1e-3;

/** Where a raster begins in the target's pixels when they are its own; null when they are not. */
function offsetIn(info: RasterInfo, target: WarpTarget): { x: number; y: number } | null {
  const { crs, affine } = requirePlace(info);
  if (crs.definition !== target.crs.definition) return null;
  const inverse = invertAffine(target.affine);
  const at = (column: number, row: number) => applyAffine(inverse, ...applyAffine(affine, column, row));
  const [x, y] = at(0, 0).map(Math.round) as [number, number];
  const isAligned = [
    [0, 0],
    [info.width, 0],
    [0, info.height],
  ].every(([column, row]) => {
    const [px, py] = at(column as number, row as number);
    return Math.hypot(px - x - (column as number), py - y - (row as number)) <= ALIGNED_PIXELS;
  });
  return isAligned ? { x, y } : null;
}

/** The pixels of the target that a raster of another grid reaches. */
function partOf(info: RasterInfo, target: WarpTarget): { x: number; y: number; target: WarpTarget } {
  const [minX, minY, maxX, maxY] = imageExtent(info, requirePlace(info), target.crs);
  const inverse = invertAffine(target.affine);
  const [left, top] = applyAffine(inverse, minX, maxY);
  const [right, bottom] = applyAffine(inverse, maxX, minY);
  const [x, y] = [Math.floor(left), Math.floor(top)];
  const [a, , , , e] = target.affine;
  const [originX, originY] = applyAffine(target.affine, x, y);
  const [width, height] = [Math.ceil(right) - x, Math.ceil(bottom) - y];
  return { x, y, target: { crs: target.crs, affine: [a, 0, originX, 0, e, originY], width, height } };
}

/** Later pieces lie over earlier ones. */
async function layPieces(info: RasterInfo, pieces: readonly Piece[], request: ComputeRequest) {
  const { rect, bands, signal } = request;
  const out = bands.map((band) => {
    const { type, nodata } = info.bands[band] as BandInfo;
    return newPixels(type, rect.width * rect.height).fill(nodata ?? 0) as PixelArray;
  });
  const validity = bands.map(() => new Uint8Array(rect.width * rect.height));
  for (const piece of pieces) {
    const shared = intersect(rect, piece);
    if (shared === null) continue;
    const window = await piece.raster.readWindow(
      { ...shared, x: shared.x - piece.x, y: shared.y - piece.y },
      { bands, validity: true, signal },
    );
    bands.forEach((_, i) => {
      const valid = window.validity[i] ?? null;
      layBand(window.bands[i] as PixelArray, valid, shared, out[i] as PixelArray, validity[i] as Uint8Array, rect);
    });
  }
  return { bands: out, validity };
}

function intersect(a: PixelRect, b: PixelRect): PixelRect | null {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

function layBand(
  pixels: PixelArray,
  valid: Uint8Array | null,
  part: PixelRect,
  into: PixelArray,
  validity: Uint8Array,
  rect: PixelRect,
): void {
  for (let row = 0; row < part.height; row++) {
    const from = row * part.width;
    const to = (part.y + row - rect.y) * rect.width + part.x - rect.x;
    for (let i = 0; i < part.width; i++) {
      if (valid !== null && valid[from + i] === 0) continue;
      into[to + i] = pixels[from + i] as number;
      validity[to + i] = 1;
    }
  }
}
