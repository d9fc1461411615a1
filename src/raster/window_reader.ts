import type { BlockCache } from "./block_cache.ts";
import type { BlockImage, BlockKey, DecodedBlock } from "./block_image.ts";
import { PixelMemory } from "./pixel_memory.ts";
import type { PixelArray } from "./pixel_type.ts";
import type { PixelRect } from "./raster.ts";

/** Blocks that are asked for at once: a window of 2 GB has 8 million of 16 x 16 pixels. */
const KEYS_AT_ONCE = 4096;

/** Pixels of the bands in the window, out of the blocks that it touches. @param isWhole other bands of them will be wanted, too */
export async function readBands(
  image: BlockImage,
  cache: BlockCache,
  rect: PixelRect,
  bands: readonly number[],
  signal: AbortSignal | undefined,
  { memory = new PixelMemory(), isWhole = false }: { memory?: PixelMemory; isWhole?: boolean } = {},
): Promise<PixelArray[]> {
  const out = bands.map(() => memory.take(image.type, rect.width * rect.height));
  // Whoever comes back for other bands of a block may come for the rest as well.
  let only: readonly number[] | undefined = isWhole ? undefined : [...new Set(bands)];
  const read = async (keys: readonly BlockKey[]): Promise<void> => {
    for await (const block of image.readBlocks(keys, signal, only)) {
      copyBlock(image, block, rect, bands, out);
      cache.add(block);
    }
  };
  let missing: BlockKey[] = [];
  for (const key of listKeys(image, rect, bands)) {
    const known = cache.find(key);
    if (known !== null && holdsBands(known, bands)) {
      copyBlock(image, known, rect, bands, out);
      continue;
    }
    if (known !== null) only = undefined;
    if (missing.push(key) === KEYS_AT_ONCE) {
      await read(missing);
      missing = [];
    }
  }
  await read(missing);
  return out;
}

function holdsBands({ only }: DecodedBlock, bands: readonly number[]): boolean {
  return only === undefined || bands.every((band) => only.includes(band));
}

/** Blocks that a window touches, those of several planes behind each other. */
export function* listKeys(
  { block, isPlanar }: BlockImage,
  rect: PixelRect,
  bands: readonly number[],
): Generator<BlockKey> {
  const planes = isPlanar ? [...new Set(bands)] : [0];
  const right = Math.ceil((rect.x + rect.width) / block.width);
  const bottom = Math.ceil((rect.y + rect.height) / block.height);
  for (const plane of planes)
    for (let row = Math.floor(rect.y / block.height); row < bottom; row++)
      for (let column = Math.floor(rect.x / block.width); column < right; column++) yield { column, row, plane };
}

function copyBlock(
  image: BlockImage,
  { key, bands: from, stride }: DecodedBlock,
  rect: PixelRect,
  bands: readonly number[],
  out: readonly PixelArray[],
): void {
  const left = key.column * image.block.width;
  const top = key.row * image.block.height;
  const x0 = Math.max(left, rect.x);
  const x1 = Math.min(left + image.block.width, rect.x + rect.width);
  const y1 = Math.min(top + image.block.height, rect.y + rect.height);
  bands.forEach((band, i) => {
    if (image.isPlanar && band !== key.plane) return;
    const target = out[i] as PixelArray;
    const source = from?.[image.isPlanar ? 0 : band];
    for (let y = Math.max(top, rect.y); y < y1; y++) {
      const to = (y - rect.y) * rect.width + (x0 - rect.x);
      const at = (y - top) * stride + (x0 - left);
      if (source !== undefined) target.set(source.subarray(at, at + (x1 - x0)), to);
      else target.fill(image.fill, to, to + (x1 - x0));
    }
  });
}
