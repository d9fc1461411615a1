import { expect, it } from "vitest";
import { BlockCache } from "./block_cache.ts";
import type { BlockImage, BlockKey, DecodedBlock } from "./block_image.ts";
import { readBands } from "./window_reader.ts";

/** One row of two blocks of three bands; notes which bands of which columns were asked for. */
function makeImage() {
  const asked: [columns: number[], only: readonly number[] | undefined][] = [];
  async function* readBlocks(
    keys: readonly BlockKey[],
    _signal: AbortSignal | undefined,
    only?: readonly number[],
  ): AsyncGenerator<DecodedBlock> {
    asked.push([keys.map(({ column }) => column), only]);
    for (const key of keys) {
      const bands = [0, 1, 2].map((band) =>
        only?.includes(band) === false ? undefined : new Uint8Array(2).fill(10 * band + key.column),
      );
      yield { key, stride: 2, bands, only, sizeBytes: 2 * (only?.length ?? 3) };
    }
  }
  const size = { width: 4, height: 1, block: { width: 2, height: 1 } };
  const image: BlockImage = { ...size, type: "uint8", bandCount: 3, isPlanar: false, fill: 0, readBlocks };
  return { image, asked };
}

const ROW = { x: 0, y: 0, width: 4, height: 1 };

it("asks for the bands that are wanted, and for all of a block to which somebody comes back for others", async () => {
  const { image, asked } = makeImage();
  const cache = new BlockCache(1000);
  const read = (bands: number[]) => readBands(image, cache, ROW, bands, undefined);
  expect(await read([2, 1, 2])).toEqual(
    [
      [20, 20, 21, 21],
      [10, 10, 11, 11],
      [20, 20, 21, 21],
    ].map(bytes),
  );
  expect(await read([1])).toEqual([bytes([10, 10, 11, 11])]);
  expect(await read([0, 1])).toEqual(
    [
      [0, 0, 1, 1],
      [10, 10, 11, 11],
    ].map(bytes),
  );
  expect(await read([2])).toEqual([bytes([20, 20, 21, 21])]);
  expect(asked.filter(([columns]) => columns.length > 0)).toEqual([
    [
      [0, 1],
      [2, 1],
    ],
    [[0, 1], undefined],
  ]);
});

it("reads blocks as a whole where it is told that the other bands will be wanted", async () => {
  const { image, asked } = makeImage();
  await readBands(image, new BlockCache(1000), ROW, [0], undefined, { isWhole: true });
  expect(asked).toEqual([[[0, 1], undefined]]);
});

const bytes = (values: number[]): Uint8Array => Uint8Array.from(values);
