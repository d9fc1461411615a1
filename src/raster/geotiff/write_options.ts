import { TilthError } from "../../core/index.ts";
import { bytesPerPixel, isFloat, type PixelType } from "../pixel_type.ts";
import type { RasterInfo } from "../raster.ts";
import type { WriteCompression } from "./encode_job.ts";
import type { OverviewResampling } from "./halve.ts";

export interface WriteGeotiffOptions {
  /** @default "deflate" */
  compression?: WriteCompression;
  /** 1 none, 2 differences, 3 those of fractions. @default 3 for fractions, 2 for integers; 1 for what takes none */
  predictor?: 1 | 2 | 3;
  /** Of Deflate (1..12; 1 to 5 are the same behind a predictor) and ZSTD (1..22). @default 6 and 9 */
  level?: number;
  /** Of JPEG and WebP, 1..100; WebP of 100 loses nothing. @default 85 */
  quality?: number;
  /** Pixels on a side of a block; a multiple of 16. @default 256, of a COG 512 */
  blockSize?: number;
  /** A COG: overviews, and everything in the order of GDAL's COG driver. @default false */
  cog?: boolean;
  /** Of a COG's overviews. @default "average", for palettes "nearest" */
  resampling?: OverviewResampling;
  /** @default when the file is larger than 4 GB */
  bigTiff?: boolean;
  /** Least, greatest, mean and deviation of each band are written beside the pixels. @default true, but for JPEG and WebP */
  statistics?: boolean;
  /** 0: on the calling thread. @default as many as the machine runs at once */
  threads?: number;
}

/** What is written; a Raster's own `info` will do. */
export type WriteInfo = Pick<RasterInfo, "width" | "height" | "bands" | "crs" | "affine"> &
  Partial<Pick<RasterInfo, "palette" | "metadata">>;

export interface WritePlan extends Required<Omit<WriteGeotiffOptions, "threads" | "bigTiff">> {
  readonly bigTiff: boolean | null;
  readonly type: PixelType;
  readonly nodata: number | null;
}

/** Pixels of a block in all bands at most, bytes. */
const MAX_BLOCK_BYTES = 128 * 1024 * 1024;

/** @throws `argument.invalid` for what cannot be written */
export function planWrite(info: WriteInfo, options: WriteGeotiffOptions): WritePlan {
  const { compression = "deflate", cog = false } = options;
  const isImage = compression === "jpeg" || compression === "webp";
  const type = info.bands[0]?.type ?? "uint8";
  const takesPredictor = !isImage && compression !== "none";
  const plan: WritePlan = {
    compression,
    predictor: options.predictor ?? (!takesPredictor ? 1 : isFloat(type) ? 3 : 2),
    level: options.level ?? (compression === "zstd" ? 9 : 6),
    quality: options.quality ?? 85,
    blockSize: options.blockSize ?? (cog ? 512 : 256),
    cog,
    resampling: options.resampling ?? (info.palette ? "nearest" : "average"),
    statistics: options.statistics ?? !isImage,
    bigTiff: options.bigTiff ?? null,
    type,
    nodata: info.bands[0]?.nodata ?? null,
  };
  const fault = faultOf(info, plan, takesPredictor, isImage);
  if (fault === null) return plan;
  throw new TilthError("argument.invalid", `expected ${fault}`);
}

function faultOf(
  { width, height, bands }: WriteInfo,
  plan: WritePlan,
  takesPredictor: boolean,
  isImage: boolean,
): string | null {
  const { blockSize, predictor, compression, type, level, quality } = plan;
  const sides = [width, height].every((side) => Number.isInteger(side) && side >= 1 && side < 2 ** 31);
  if (!sides) return `columns and rows of 1 or more, got ${width} x ${height}`;
  if (bands.length === 0 || bands.length > 65_535) return `1 to 65,535 bands, got ${bands.length}`;
  if (bands.some((band) => band.type !== type)) return "bands of one type, got several";
  if (!Number.isInteger(blockSize) || blockSize < 16 || blockSize > 8192 || blockSize % 16 !== 0)
    return `a block size of 16 to 8192 that is a multiple of 16, got ${blockSize}`;
  if (blockSize ** 2 * bands.length * bytesPerPixel(type) > MAX_BLOCK_BYTES)
    return "a smaller block size for so many bands";
  if (predictor !== 1 && !takesPredictor) return `no predictor with ${compression}`;
  if (predictor === 3 && !isFloat(type)) return `predictor 1 or 2 for ${type}, got 3`;
  if (predictor === 2 && type === "float64") return "predictor 1 or 3 for float64, got 2";
  if (compression === "deflate" && !(level >= 1 && level <= 12)) return `a level of 1 to 12, got ${level}`;
  if (compression === "zstd" && !(level >= 1 && level <= 22)) return `a level of 1 to 22, got ${level}`;
  if (isImage && !(quality >= 1 && quality <= 100)) return `a quality of 1 to 100, got ${quality}`;
  if (isImage && type !== "uint8") return `bands of uint8 for ${compression}, got ${type}`;
  if (compression === "jpeg" && bands.length !== 1 && bands.length !== 3)
    return `1 or 3 bands for jpeg, got ${bands.length}`;
  if (compression === "webp" && bands.length !== 3 && bands.length !== 4)
    return `3 or 4 bands for webp, got ${bands.length}`;
  return null;
}

export interface LevelSize {
  readonly width: number;
  readonly height: number;
}

/** The image, and for a COG its halves until one fits into a block. */
export function listLevels({ width, height }: LevelSize, { cog, blockSize }: WritePlan): LevelSize[] {
  const levels = [{ width, height }];
  for (let last = levels[0] as LevelSize; cog && Math.max(last.width, last.height) > blockSize;) {
    last = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) };
    levels.push(last);
  }
  return levels;
}
