import { webMercatorQuad } from "../../src/grid/index.ts";
import { openStore, type TileWrite } from "../../src/store/index.ts";

/**
 * Run as a process of its own: writes batches of 50 tiles, one column each, and prints the number of each batch once it is
 * committed. A second run over the same store overwrites what the first one wrote, with other bytes.
 */
const [location = ""] = process.argv.slice(2);
const store = await openStore(location, { mode: "write", grid: webMercatorQuad(), lockTimeoutMs: 5_000 });
for (let batch = 0; batch < 16_384; batch += 1) {
  const writes = Array.from({ length: 50 }, (_, y): TileWrite => {
    const data = Buffer.alloc(2_000, (batch * 50 + y + process.pid) & 0xff);
    data.write("\x89PNG\r\n\x1a\n", "latin1");
    return { kind: "tile", tile: { z: 14, x: batch, y }, data, fetchedAtMs: Date.now() };
  });
  await store.putMany(writes);
  process.stdout.write(`${batch}\n`);
}
