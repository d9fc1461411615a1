import type { PixelArray, PixelType } from "../pixel_type.ts";
import type { PixelStatistics } from "./block_statistics.ts";

export type WriteCompression = "none" | "lzw" | "deflate" | "zstd" | "jpeg" | "webp";

/** Blocks of one row beside each other, to be packed. */
export interface BlocksToEncode {
  /** `width * height` pixels of the image for each band, one band behind the other. */
  readonly pixels: PixelArray;
  readonly width: number;
  /** At most `side`. */
  readonly height: number;
  readonly type: PixelType;
  readonly bands: number;
  /** Pixels on a side of a block. */
  readonly side: number;
  readonly compression: WriteCompression;
  /** 1 none, 2 horizontal differences, 3 that of fractions. */
  readonly predictor: number;
  /** Of Deflate (1..12, see `packFast`) and ZSTD (1..22). */
  readonly level: number;
  /** Of JPEG and WebP: 1..100. */
  readonly quality: number;
  /** Each block goes between its size and its last four bytes again, as in a COG of GDAL. */
  readonly framed: boolean;
  /** Whether statistics are wanted. */
  readonly count: boolean;
  readonly nodata: number | null;
}

export interface EncodedBlocks {
  /** One block behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each block, without its frame. */
  readonly sizes: readonly number[];
  /** Of each band; empty unless asked for. */
  readonly statistics: readonly PixelStatistics[];
  /** The buffer of the pixels that came, for the next blocks: their values are gone. */
  readonly spare: ArrayBuffer;
}
