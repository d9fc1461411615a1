import { inOrder } from "../../concurrency/index.ts";
import { TilthError } from "../../core/index.ts";
import type { TileRange } from "../../grid/index.ts";
import {
  decodeElevation,
  decodeTile,
  isVoid,
  type BlockImage,
  type BlockKey,
  type DecodedBlock,
  type ElevationEncoding,
  type PixelArray,
  type RgbaImage,
} from "../../raster/index.ts";
import type { TileStore } from "../../store/index.ts";

/** Tiles that are read and decoded at a time: on the image library's threads. */
const AT_ONCE = 4;

/** The tiles of a range as an image whose blocks they are: RGBA, or metres (NaN: none). */
export class TileImage implements BlockImage {
  readonly width: number;
  readonly height: number;
  readonly type: "uint8" | "float32";
  readonly bandCount: number;
  readonly block: BlockImage["block"];
  readonly isPlanar = false;
  readonly fill: number;
  readonly #store: TileStore;
  readonly #range: TileRange;
  readonly #elevation: ElevationEncoding | null;

  constructor(store: TileStore, range: TileRange, elevation: ElevationEncoding | null) {
    const { tileWidth, tileHeight } = store.grid.getMatrix(range.z);
    this.width = (range.maxX - range.minX + 1) * tileWidth;
    this.height = (range.maxY - range.minY + 1) * tileHeight;
    this.block = { width: tileWidth, height: tileHeight };
    [this.type, this.bandCount, this.fill] = elevation === null ? ["uint8", 4, 0] : ["float32", 1, Number.NaN];
    [this.#store, this.#range, this.#elevation] = [store, range, elevation];
  }

  async *readBlocks(
    keys: readonly BlockKey[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<DecodedBlock, void, undefined> {
    yield* inOrder(keys, AT_ONCE, (key) => this.#read(key, signal), signal);
  }

  async #read(key: BlockKey, signal: AbortSignal | undefined): Promise<DecodedBlock> {
    const { z, minX, minY } = this.#range;
    const tile = { z, x: minX + key.column, y: minY + key.row };
    const found = await this.#store.find(tile, { signal });
    const data = found?.data ?? null;
    const stride = this.block.width;
    if (data === null) return { key, stride, bands: null, sizeBytes: 64 };
    const image = await decodeTile(data);
    if (image.width !== this.block.width || image.height !== this.block.height) {
      const wanted = `${this.block.width} x ${this.block.height}`;
      const message = `expected tiles of ${wanted} px, got ${image.width} x ${image.height} at ${z}/${tile.x}/${tile.y}`;
      throw new TilthError("store.corrupt", message, { fields: tile });
    }
    const bands = this.#elevation === null ? splitBands(image) : [metresOf(image, this.#elevation)];
    return { key, stride, bands, sizeBytes: bands.reduce((sum, { byteLength }) => sum + byteLength, 0) };
  }
}

function splitBands({ data }: RgbaImage): PixelArray[] {
  return [0, 1, 2, 3].map((band) => {
    const out = new Uint8Array(data.length / 4);
    for (let i = 0; i < out.length; i++) out[i] = data[4 * i + band] as number;
    return out;
  });
}

function metresOf(image: RgbaImage, elevation: ElevationEncoding): PixelArray {
  const metres = decodeElevation(image, elevation, new Float32Array(image.width * image.height));
  for (let i = 0; i < metres.length; i++) if (isVoid(image.data, i)) metres[i] = Number.NaN;
  return metres as Float32Array<ArrayBuffer>;
}
