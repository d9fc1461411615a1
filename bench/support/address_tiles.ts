import sharp from "sharp";
import type { TileCoord } from "../../src/index.ts";

/** A tile that no other looks like and that looks like itself in no mirror: its address in red and green, a ramp in blue. PNG, 256 px. */
export async function drawAddressTile({ z, x, y }: TileCoord): Promise<Buffer> {
  const pixels = Buffer.alloc(256 * 256 * 3);
  for (let row = 0; row < 256; row++)
    for (let column = 0; column < 256; column++) {
      const at = (row * 256 + column) * 3;
      pixels[at] = 16 * x + 4 * z + (row >> 5);
      pixels[at + 1] = 24 * y + (column >> 5);
      pixels[at + 2] = (row + 2 * column) & 255;
    }
  return sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
    .png()
    .toBuffer();
}
