import { transferred, workerModuleUrl, workerTask, type Transferred } from "../concurrency/index.ts";
import {
  decodeElevation,
  encodeElevation,
  encodeTile,
  type EncodedTile,
  type ElevationEncoding,
  type TileEncoding,
} from "../raster/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { sampleBlock } from "./kernels/sample_band.ts";
import { WarpKernel, type KernelImage } from "./kernels/warp_kernel.ts";
import type { Resampling } from "./resampling.ts";

/** What a thread is told: memory with the mosaic in it, and the tiles to make of it. */
export interface WarpCall {
  memory: WebAssembly.Memory;
  mosaic: KernelImage;
  /** Where one tile may be written. */
  out: KernelImage;
  /** True when no pixel that is read can be transparent; else it is looked for. */
  opaque: boolean;
  tiles: readonly (readonly ControlBlock[])[];
  resampling: Resampling;
  encoding: TileEncoding;
  /** Set for elevation: values are resampled in metres. */
  elevation: ElevationEncoding | null;
}

/** Null: no data anywhere. In the order of the tiles. */
export type WarpedTiles = readonly (EncodedTile | null)[];

type WarpTiles = (call: WarpCall) => Promise<WarpedTiles>;

export const warpTask = workerTask<WarpTiles>({
  module: workerModuleUrl("./warp_worker", import.meta.url),
  name: "warpTiles",
});

/** Warps and encodes; the encoded bytes are handed over without a copy. */
export async function warpTiles(call: WarpCall): Promise<Transferred<WarpedTiles>> {
  const make = call.elevation === null ? imageMaker(call) : elevationMaker(call, call.elevation);
  const tiles = await Promise.all(call.tiles.map((blocks) => make(blocks)));
  return transferred(
    tiles,
    tiles.flatMap((tile) => (tile === null ? [] : [tile.data.buffer])),
  );
}

const NOTHING: Promise<null> = Promise.resolve(null);

type TileMaker = (blocks: readonly ControlBlock[]) => Promise<EncodedTile | null>;

function imageMaker({ memory, mosaic, out, opaque, resampling, encoding }: WarpCall): TileMaker {
  const kernel = new WarpKernel(memory);
  kernel.setSource(mosaic, opaque || kernel.alphaRange(mosaic)[0] === 255);
  const pixels = new Uint8Array(memory.buffer, out.ptr, out.width * out.height * 4);
  return (blocks) => {
    for (const block of blocks) kernel.warp(block, out, resampling, 0, 0);
    const [least, most] = kernel.alphaRange(out);
    if (most === 0) return NOTHING;
    // A copy: the next tile is written to the same place before this one is encoded.
    return encodeTile({ width: out.width, height: out.height, data: pixels.slice() }, encoding, least === 255);
  };
}

/** Metres of the whole mosaic, then the plain kernel, then colours again; always PNG, for a lossy height is none. */
function elevationMaker(
  { memory, mosaic, out, resampling, encoding }: WarpCall,
  elevation: ElevationEncoding,
): TileMaker {
  const colours = new Uint8Array(memory.buffer, mosaic.ptr, mosaic.width * mosaic.height * 4);
  const band = { width: mosaic.width, height: mosaic.height, data: decodeElevation({ data: colours }, elevation) };
  const { width, height } = out;
  return (blocks) => {
    const heights = new Float32Array(width * height);
    for (const block of blocks) sampleBlock(band, block, { width, height, data: heights }, resampling);
    if (heights.every(Number.isNaN)) return NOTHING;
    const data = encodeElevation(heights, elevation);
    return encodeTile({ width, height, data }, { ...encoding, format: "png" });
  };
}
