import type { DecodedTile, RgbaImage } from "../raster/index.ts";

/** Copies a tile that lies wholly within the image; 3 channels get alpha 255. */
export function blitRgba(image: RgbaImage, tile: DecodedTile, left: number, top: number): void {
  if (tile.channels === 4) return blitRows(image, tile, left, top);
  const target = new Uint32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
  const { data, width, height } = tile;
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = (top + y) * image.width + left;
    for (let x = 0; x < width; x++, from += 3, to++) {
      // Little-endian, as WebAssembly is everywhere: red is the lowest byte.
      target[to] =
        0xff_00_00_00 | ((data[from + 2] as number) << 16) | ((data[from + 1] as number) << 8) | (data[from] as number);
    }
  }
}

function blitRows(image: RgbaImage, { data, width, height }: DecodedTile, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * 4, (y + 1) * width * 4);
    image.data.set(row, ((top + y) * image.width + left) * 4);
  }
}

/** Wholly clear pixels. */
export function clearRect(image: RgbaImage, left: number, top: number, width: number, height: number): void {
  for (let y = top; y < top + height; y++) {
    const start = (y * image.width + left) * 4;
    image.data.fill(0, start, start + width * 4);
  }
}
