import { workerModuleUrl, workerTask } from "../concurrency/index.ts";
import { TilthError } from "../core/index.ts";
import {
  decodeElevation,
  decodePixels,
  encodeElevation,
  preparePng,
  type ElevationEncoding,
  type TileEncoding,
} from "../raster/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { unpackBlocks, type PackedBlocks } from "./packed_blocks.ts";
import type { SlotShape } from "./decoded_slots.ts";
import { sampleBlock } from "./kernels/sample_band.ts";
import { WarpKernel, type KernelImage } from "./kernels/warp_kernel.ts";
import { assembleWindow, type DecodedTile, type MosaicCell } from "./source_window.ts";
import type { Resampling } from "./resampling.ts";

/** What a thread is told: memory with the source tiles in it, and the tiles to make of them. */
export interface WarpCall {
  memory: WebAssembly.Memory;
  /** The kernel, compiled. */
  module: WebAssembly.Module;
  scratchPtr: number;
  /** Where the source pixels of one tile are put together. */
  windowPtr: number;
  /** Of the plan's mosaic. */
  cells: readonly MosaicCell[];
  /** `cells`: what a tile reads. */
  tiles: readonly { cells: readonly number[]; out: KernelImage }[];
  /** Of each of the tiles. */
  blocks: PackedBlocks;
  resampling: Resampling;
  encoding: TileEncoding;
  /** Set for elevation: values are resampled in metres. */
  elevation: ElevationEncoding | null;
}

/**
 * What lies at a tile's place in the memory: pixels, or the rows of a PNG to be packed. Nothing large is made on a thread: each has a
 * collector of its own, which lets 64 MB of dead buffers lie. Null: no data anywhere. In the order of the tiles.
 */
export type WarpOutcome =
  | { readonly kind: "pixels"; readonly channels: 3 | 4; readonly opaque: boolean }
  | { readonly kind: "png"; readonly head: Uint8Array; readonly rowsBytes: number; readonly filtered: boolean }
  | null;

type WarpTiles = (call: WarpCall) => readonly WarpOutcome[];

export const warpTask = workerTask<WarpTiles>({
  module: workerModuleUrl("./warp_worker", import.meta.url),
  name: "warpTiles",
});

/** Warps, and filters what is to be PNG. */
export function warpTiles(call: WarpCall): readonly WarpOutcome[] {
  const kernel = new WarpKernel(call.memory, call.scratchPtr, call.module);
  const make = call.elevation === null ? imageMaker(kernel, call) : elevationMaker(kernel, call, call.elevation);
  return unpackBlocks(call.blocks).map((blocks, i) => {
    const { cells, out } = call.tiles[i] as WarpCall["tiles"][number];
    const read = cells.map((index) => call.cells[index] as MosaicCell);
    return make(blocks, read, out);
  });
}

/** What was written to the tile's place in the memory, or why nothing was. */
export type DecodeOutcome = { shape: SlotShape } | { error: ReturnType<TilthError["toJSON"]> };

/** Tiles as bytes, and where their pixels go: `maxPixels` at most. */
export interface DecodeCall {
  memory: WebAssembly.Memory;
  tiles: readonly { data: Uint8Array; ptr: number }[];
  maxPixels: number;
}

type DecodeTiles = (call: DecodeCall) => Promise<readonly DecodeOutcome[]>;

export const decodeTask = workerTask<DecodeTiles>({
  module: workerModuleUrl("./warp_worker", import.meta.url),
  name: "decodeTiles",
});

/** In the order of the tiles. */
export async function decodeTiles({ memory, tiles, maxPixels }: DecodeCall): Promise<readonly DecodeOutcome[]> {
  return Promise.all(tiles.map(({ data, ptr }) => decodeOne(memory, data, ptr, maxPixels)));
}

async function decodeOne(
  memory: WebAssembly.Memory,
  data: Uint8Array,
  ptr: number,
  maxPixels: number,
): Promise<DecodeOutcome> {
  try {
    const { width, height, channels } = await decodePixels(data, (sizeBytes) => {
      if (sizeBytes <= maxPixels * 4) return new Uint8Array(memory.buffer, ptr, sizeBytes);
      throw new TilthError("tile.notImage", `expected a tile of at most ${maxPixels} pixels, got a larger one`);
    });
    return { shape: { width, height, channels } };
  } catch (error) {
    if (error instanceof TilthError) return { error: error.toJSON() };
    throw error;
  }
}

type TileMaker = (blocks: readonly ControlBlock[], cells: readonly MosaicCell[], out: KernelImage) => WarpOutcome;

function imageMaker(kernel: WarpKernel, { memory, windowPtr, resampling, encoding }: WarpCall): TileMaker {
  const isOpaque = rememberOpaque(kernel);
  return (blocks, cells, out) => {
    const window = assembleWindow(kernel, memory, windowPtr, blocks, cells, resampling);
    if (window === null) return null;
    // By what this tile reads: opaque sources are rounded in another way, and a tile is the same whatever stands beside it.
    kernel.setSource(window.image, cells.every(isOpaque));
    for (const block of blocks) kernel.warp(block, out, resampling, window.left, window.top);
    const [least, most] = kernel.alphaRange(out);
    if (most === 0) return null;
    const isWhole = least === 255;
    if (encoding.format === "png" || (encoding.format === "mixed" && !isWhole)) return keepPng(memory, out);
    const channels = encoding.format === "webp" ? 4 : 3;
    if (channels === 3) kernel.dropAlpha(out, isWhole);
    return { kind: "pixels", channels, opaque: isWhole };
  };
}

/** Neighbouring tiles read the same cells. */
function rememberOpaque(kernel: WarpKernel): (cell: MosaicCell) => boolean {
  const known = new Map<MosaicCell, boolean>();
  return (cell) => {
    const opaque = known.get(cell) ?? (cell.tile !== null && isOpaqueTile(kernel, cell.tile));
    known.set(cell, opaque);
    return opaque;
  };
}

function isOpaqueTile(kernel: WarpKernel, tile: DecodedTile): boolean {
  return tile.channels === 3 || kernel.alphaRange(tile)[0] === 255;
}

/** The filtered rows take the pixels' place. */
function keepPng(memory: WebAssembly.Memory, { ptr, width, height }: KernelImage, pixels?: Uint8Array): WarpOutcome {
  const data = pixels ?? new Uint8Array(memory.buffer, ptr, width * height * 4);
  const { head, rows, filtered } = preparePng({ width, height, data });
  new Uint8Array(memory.buffer, ptr, rows.length).set(rows);
  return { kind: "png", head, rowsBytes: rows.length, filtered };
}

/** Metres of the window, then the plain kernel, then colours again; always PNG, for a lossy height is none. */
function elevationMaker(
  kernel: WarpKernel,
  { memory, windowPtr, resampling }: WarpCall,
  elevation: ElevationEncoding,
): TileMaker {
  return (blocks, cells, out) => {
    const window = assembleWindow(kernel, memory, windowPtr, blocks, cells, resampling);
    if (window === null) return null;
    const { left, top, image } = window;
    const colours = new Uint8Array(memory.buffer, image.ptr, image.width * image.height * 4);
    const band = { width: image.width, height: image.height, data: decodeElevation({ data: colours }, elevation) };
    const heights = { width: out.width, height: out.height, data: new Float32Array(out.width * out.height) };
    for (const block of blocks) sampleBlock(band, block, heights, resampling, left, top);
    if (heights.data.every(Number.isNaN)) return null;
    return keepPng(memory, out, encodeElevation(heights.data, elevation));
  };
}
