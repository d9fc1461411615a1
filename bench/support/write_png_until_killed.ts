import sharp from "sharp";
import { webMercatorQuad } from "../../src/grid/index.ts";
import { openStore, type TileWrite } from "../../src/store/index.ts";

/** Run as a process of its own by the judge: writes real PNG tiles, level by level, until it is killed. */
const [path = ""] = process.argv.slice(2);
const create = { width: 256, height: 256, channels: 3, background: { r: 200, g: 30, b: 30 } } as const;
const data = await sharp({ create }).png().toBuffer();
const store = await openStore(path, { mode: "write", grid: webMercatorQuad() });
for (let z = 0; z < 12; z += 1) {
  for (let y = 0; y < Math.min(2 ** z, 64); y += 1) {
    const row = Array.from({ length: Math.min(2 ** z, 64) }, (_, x): TileWrite => {
      return { kind: "tile", tile: { z, x, y }, data, fetchedAtMs: Date.now() };
    });
    await store.putMany(row);
    process.stdout.write(`${z}/${y}\n`);
  }
}
// Its end is the kill.
setInterval(() => undefined, 1_000);
