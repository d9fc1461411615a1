import type { PixelStatistics } from "./geotiff/block_statistics.ts";
import type { PixelArray, PixelType } from "./pixel_type.ts";
import type { BlockSize, PixelRect } from "./raster.ts";
import type { ValueRule, ValueTarget } from "./value_rows.ts";

/** A block's place: column and row among the blocks, from the top left; of planar images, which band. */
export interface BlockKey {
  readonly column: number;
  readonly row: number;
  /** 0 where all bands lie in one block. */
  readonly plane: number;
}

export interface DecodedBlock {
  readonly key: BlockKey;
  /** Pixels in a row of `bands`. */
  readonly stride: number;
  /** Each `stride` wide, by the index of the band in the block. Null: all are `fill`. */
  readonly bands: readonly (PixelArray | undefined)[] | null;
  /** The bands that were asked for, of which alone it has the pixels. @default all */
  readonly only?: readonly number[];
  /** Memory that it keeps. */
  readonly sizeBytes: number;
  /** Gives the memory back at once; nobody looks at `bands` afterwards. Left out where others share it. */
  readonly release?: () => void;
}

/** Values of one band in a window. */
export interface PlaceValues {
  readonly rect: PixelRect;
  /** Index from 0. */
  readonly band: number;
  readonly rule: ValueRule;
  readonly target: ValueTarget;
}

/** An image as its format stores it: what a Raster reads windows out of. */
export interface BlockImage {
  readonly width: number;
  readonly height: number;
  readonly type: PixelType;
  readonly bandCount: number;
  readonly block: BlockSize;
  /** Each block holds one band. */
  readonly isPlanar: boolean;
  /** Of blocks that are not stored. */
  readonly fill: number;
  /** Each of the blocks once, in any order. @param only bands that are wanted of a block of several; others may come as well @default all */
  readBlocks(
    keys: readonly BlockKey[],
    signal: AbortSignal | undefined,
    only?: readonly number[],
  ): AsyncGenerator<DecodedBlock, void, undefined>;
  /**
   * Only where pixels need not leave the threads that decode them: statistics of each of the blocks, in order, of each of its bands.
   * @param nodata of each band of the image
   */
  countBlocks?(
    keys: readonly BlockKey[],
    nodata: readonly (number | null)[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ readonly key: BlockKey; readonly bands: readonly PixelStatistics[] }, void, undefined>;
  /** Only where blocks are decoded on threads: values of a band's window, put where they are wanted by the threads themselves. */
  placeValues?(job: PlaceValues, signal: AbortSignal | undefined): Promise<void>;
}
