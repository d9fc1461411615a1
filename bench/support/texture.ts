import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

/** Side of the texture, pixels: eight tiles. */
const SIDE = 2048;

/** Value noise of several octaves that repeats after `SIDE` pixels: JPEG 85 of it has 8 to 12 kB a tile, as imagery has. */
function makeTexture(): Buffer {
  const pixels = new Float32Array(SIDE * SIDE * 3);
  let seed = 1;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  for (let cells = 8, weight = 90; cells <= SIDE / 2; cells *= 2, weight *= 0.62)
    addOctave(pixels, cells, weight, random);
  return Buffer.from(Uint8ClampedArray.from(pixels, (value) => value + 110).buffer);
}

function addOctave(pixels: Float32Array, cells: number, weight: number, random: () => number): void {
  const values = Float32Array.from({ length: cells * cells * 3 }, () => (random() - 0.5) * weight);
  const step = SIDE / cells;
  const at = (row: number, column: number, band: number): number =>
    values[((row % cells) * cells + (column % cells)) * 3 + band] as number;
  for (let y = 0; y < SIDE; y++) {
    const row = Math.floor(y / step);
    const v = (y % step) / step;
    for (let x = 0; x < SIDE; x++) {
      const column = Math.floor(x / step);
      const u = (x % step) / step;
      for (let band = 0; band < 3; band++) {
        const top = at(row, column, band) * (1 - u) + at(row, column + 1, band) * u;
        const bottom = at(row + 1, column, band) * (1 - u) + at(row + 1, column + 1, band) * u;
        const index = (y * SIDE + x) * 3 + band;
        pixels[index] = (pixels[index] as number) + top * (1 - v) + bottom * v;
      }
    }
  }
}

export interface TileBox {
  z: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** Tiles cut out of the texture, `z/x/y.jpg` in `folder`, neighbours continuous. */
export async function writeTextureTiles(folder: string, box: TileBox): Promise<void> {
  const texture = sharp(makeTexture(), { raw: { width: SIDE, height: SIDE, channels: 3 } });
  const cut = new Map<string, Buffer>();
  for (let x = box.minX; x <= box.maxX; x++) {
    mkdirSync(join(folder, String(box.z), String(x)), { recursive: true });
    for (let y = box.minY; y <= box.maxY; y++) {
      const [left, top] = [(x * 256) % SIDE, (y * 256) % SIDE];
      const key = `${left} ${top}`;
      const tile =
        cut.get(key) ??
        (await texture.clone().extract({ left, top, width: 256, height: 256 }).jpeg({ quality: 85 }).toBuffer());
      cut.set(key, tile);
      writeFileSync(join(folder, String(box.z), String(x), `${y}.jpg`), tile);
    }
  }
}
