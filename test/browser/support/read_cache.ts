import { createHash } from "node:crypto";
import { openStore } from "../../../src/store/index.ts";

export interface CacheTile {
  sizeBytes: number;
  sha256: string;
}

/** Tiles of a file by `z/x/y`, read beside the server as any other program would. */
export async function readCacheTiles(path: string, zooms: readonly number[]): Promise<Map<string, CacheTile>> {
  const tiles = new Map<string, CacheTile>();
  const store = await openStore(path, { mode: "read" });
  try {
    for (const z of zooms)
      for (let y = 0; y < 2 ** z; y++)
        for (let x = 0; x < 2 ** z; x++) {
          const found = await store.find({ z, x, y });
          if (found?.data === null || found === null) continue;
          const sha256 = createHash("sha256").update(found.data).digest("hex");
          tiles.set(`${z}/${x}/${y}`, { sizeBytes: found.data.length, sha256 });
        }
  } finally {
    await store.close();
  }
  return tiles;
}
