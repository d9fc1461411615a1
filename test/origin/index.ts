import { startOrigin, type Origin, type OriginOptions } from "./origin_server.ts";
import { worldTiles } from "./world_map.ts";

export * from "./archive_tiles.ts";
export * from "./faults.ts";
export * from "./noise_tiles.ts";
export * from "./origin_server.ts";
export * from "./world_map.ts";

/** The embedded origin of the demo: the world, drawn. */
export async function startWorldOrigin(options: Partial<OriginOptions> = {}): Promise<Origin> {
  return startOrigin({ tiles: worldTiles(), ...options });
}
