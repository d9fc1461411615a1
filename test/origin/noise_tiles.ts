import { crc32 } from "node:zlib";
import sharp from "sharp";
import { hashToUnit } from "./faults.ts";
import type { OriginTile, TileProvider } from "./origin_server.ts";

/** Different pictures; each tile is made its own by a text chunk with its address. */
const PICTURES = 32;

/**
 * Tiles of real weight (256 px PNG of 10 to 25 kB, all different) that cost the origin next to nothing: noise of few
 * colours over the upper part of a gradient, made once, with the address in a tEXt chunk of each tile.
 */
export async function noiseTiles(seed = 1): Promise<TileProvider> {
  const pictures: Buffer[] = [];
  for (let index = 0; index < PICTURES; index++) pictures.push(await drawNoise(seed, index));
  return (z, x, y): OriginTile => {
    const picture = pictures[Math.floor(hashToUnit(seed, `${z}/${x}/${y}`) * PICTURES)];
    return { data: withText(picture ?? Buffer.alloc(0), `${z}/${x}/${y}`), mimeType: "image/png" };
  };
}

async function drawNoise(seed: number, index: number): Promise<Buffer> {
  const pixels = Buffer.alloc(256 * 256 * 3);
  const noisyPixels = 256 * Math.round(256 * (0.34 + (0.5 * index) / (PICTURES - 1)));
  let state = (seed * 7919 + index * 104_729 + 1) >>> 0;
  for (let pixel = 0; pixel < 256 * 256; pixel++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = pixel < noisyPixels ? state >>> 30 : 0;
    pixels[pixel * 3] = (pixel >> 10) + noise * 8;
    pixels[pixel * 3 + 1] = 100 + noise * 8;
    pixels[pixel * 3 + 2] = (index * 8) & 255;
  }
  return sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Inserts a tEXt chunk before IEND (the last 12 bytes). */
function withText(png: Buffer, text: string): Buffer {
  const body = Buffer.from(`tEXttile\0${text}`, "latin1");
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, -12), chunk, png.subarray(-12)]);
}
