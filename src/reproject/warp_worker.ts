import { transferred, workerModuleUrl, workerTask, type Transferred } from "../concurrency/index.ts";
import { TilthError } from "../core/index.ts";
import {
  decodeElevation,
  decodePixels,
  encodeElevation,
  encodeTile,
  type EncodedTile,
  type ElevationEncoding,
  type TileEncoding,
} from "../raster/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import type { SlotShape } from "./decoded_slots.ts";
import { sampleBlock } from "./kernels/sample_band.ts";
import { WarpKernel, type KernelImage } from "./kernels/warp_kernel.ts";
import type { Resampling } from "./resampling.ts";

/** A decoded source tile in the shared memory, and its place in the mosaic, pixels. */
export type PlacedTile = KernelImage & { channels: 3 | 4; left: number; top: number };

/** What a thread is told: memory with the source tiles in it, and the tiles to make of them. */
export interface WarpCall {
  memory: WebAssembly.Memory;
  /** The kernel, compiled. */
  module: WebAssembly.Module;
  scratchPtr: number;
  mosaic: KernelImage;
  placed: readonly PlacedTile[];
  /** Cells of the mosaic without a tile: they are cleared. */
  holes: readonly { left: number; top: number; width: number; height: number }[];
  /** True when no pixel that is read can be transparent; else it is looked for. */
  opaque: boolean;
  tiles: readonly { blocks: readonly ControlBlock[]; out: KernelImage }[];
  resampling: Resampling;
  encoding: TileEncoding;
  /** Set for elevation: values are resampled in metres. */
  elevation: ElevationEncoding | null;
}

/** `raw`: pixels lie at the tile's place in the memory. Null: no data anywhere. In the order of the tiles. */
export type WarpOutcome =
  | EncodedTile
  | { readonly format: "raw"; readonly channels: 3 | 4; readonly opaque: boolean }
  | null;

type WarpTiles = (call: WarpCall) => Promise<readonly WarpOutcome[]>;

export const warpTask = workerTask<WarpTiles>({
  module: workerModuleUrl("./warp_worker", import.meta.url),
  name: "warpTiles",
});

/** Warps, and encodes what is to be PNG: the image library is loaded in one thread only. Encoded bytes are handed over without a copy. */
export async function warpTiles(call: WarpCall): Promise<Transferred<readonly WarpOutcome[]>> {
  const kernel = new WarpKernel(call.memory, call.scratchPtr, call.module);
  assembleMosaic(kernel, call);
  const make = call.elevation === null ? imageMaker(kernel, call) : elevationMaker(call, call.elevation);
  const tiles = await Promise.all(call.tiles.map(({ blocks, out }) => make(blocks, out)));
  return transferred(
    tiles,
    tiles.flatMap((tile) => (tile === null || tile.format === "raw" ? [] : [tile.data.buffer])),
  );
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
    const { width, height, channels, data: pixels } = await decodePixels(data);
    if (width * height > maxPixels)
      throw new TilthError("tile.notImage", `expected a tile of at most ${maxPixels} pixels, got ${width} x ${height}`);
    new Uint8Array(memory.buffer, ptr, pixels.length).set(pixels);
    return { shape: { width, height, channels } };
  } catch (error) {
    if (error instanceof TilthError) return { error: error.toJSON() };
    throw error;
  }
}

function assembleMosaic(kernel: WarpKernel, { memory, mosaic, placed, holes }: WarpCall): void {
  for (const tile of placed) kernel.placeTile(tile, mosaic, tile.left, tile.top);
  const bytes = new Uint8Array(memory.buffer, mosaic.ptr, mosaic.width * mosaic.height * 4);
  for (const { left, top, width, height } of holes) {
    for (let y = top; y < top + height; y++) {
      const start = (y * mosaic.width + left) * 4;
      bytes.fill(0, start, start + width * 4);
    }
  }
}

type TileMaker = (blocks: readonly ControlBlock[], out: KernelImage) => Promise<WarpOutcome>;

const NOTHING: Promise<null> = Promise.resolve(null);

function imageMaker(kernel: WarpKernel, { memory, mosaic, opaque, resampling, encoding }: WarpCall): TileMaker {
  kernel.setSource(mosaic, opaque || kernel.alphaRange(mosaic)[0] === 255);
  return (blocks, out) => {
    for (const block of blocks) kernel.warp(block, out, resampling, 0, 0);
    const [least, most] = kernel.alphaRange(out);
    if (most === 0) return NOTHING;
    const opaque = least === 255;
    const { ptr, width, height } = out;
    if (encoding.format === "png" || (encoding.format === "mixed" && !opaque)) {
      const data = new Uint8Array(memory.buffer, ptr, width * height * 4);
      return encodeTile({ width, height, channels: 4, data }, encoding, opaque);
    }
    const channels = encoding.format === "webp" ? 4 : 3;
    if (channels === 3) kernel.dropAlpha(out, opaque);
    return Promise.resolve({ format: "raw", channels, opaque });
  };
}

/** Metres of the whole mosaic, then the plain kernel, then colours again; always PNG, for a lossy height is none. */
function elevationMaker({ memory, mosaic, resampling, encoding }: WarpCall, elevation: ElevationEncoding): TileMaker {
  const colours = new Uint8Array(memory.buffer, mosaic.ptr, mosaic.width * mosaic.height * 4);
  const band = { width: mosaic.width, height: mosaic.height, data: decodeElevation({ data: colours }, elevation) };
  return (blocks, { width, height }) => {
    const heights = new Float32Array(width * height);
    for (const block of blocks) sampleBlock(band, block, { width, height, data: heights }, resampling);
    if (heights.every(Number.isNaN)) return NOTHING;
    const data = encodeElevation(heights, elevation);
    return encodeTile({ width, height, channels: 4, data }, { ...encoding, format: "png" });
  };
}
