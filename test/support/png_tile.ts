import { encodeImage } from "../../src/raster/index.ts";
import type { TileCoord } from "../../src/grid/index.ts";

/** A PNG whose every pixel tells its place: red and green the pixel within the tile, blue the tile. */
export async function pngTile({ x, y }: TileCoord, size = 256): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      data.set([column % 256, row % 256, (x * 16 + y) % 256, 255], (row * size + column) * 4);
    }
  }
  return new Uint8Array(await encodeImage({ width: size, height: size, data }, { format: "png" }));
}
