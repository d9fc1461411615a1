import { basename, extname } from "node:path";
import { TileCache } from "../cache/index.ts";
import { listLayers, openStore, type TileStore } from "../store/index.ts";

/** A cache out of a file, and what it is called. */
export interface NamedCache {
  /** Of letters, digits, `_`, `-` and `.`, out of the file's name and the layer's. */
  readonly name: string;
  readonly cache: TileCache;
  /** Levels with tiles, inclusive; 0-0 for an empty file. */
  readonly minZoom: number;
  readonly maxZoom: number;
}

/**
 * Opens files for reading, each layer of a GeoPackage as a cache of its own. Equal names get a number.
 * @throws `store.*`, with nothing left open
 */
export async function openCaches(paths: readonly string[], signal?: AbortSignal): Promise<NamedCache[]> {
  const caches: NamedCache[] = [];
  const names = new Set<string>();
  try {
    for (const path of paths) {
      const layers = await listLayers(path);
      for (const layer of layers.length > 1 ? layers : [undefined]) {
        const store = await openStore(path, { mode: "read", layer, signal });
        const name = freeName(nameOf(path, layer), names);
        caches.push({ name, cache: new TileCache({ store, source: null }), ...(await zoomsOf(store)) });
      }
    }
    return caches;
  } catch (error) {
    await Promise.allSettled(caches.map(({ cache }) => cache.close()));
    throw error;
  }
}

async function zoomsOf(store: TileStore): Promise<{ minZoom: number; maxZoom: number }> {
  const levels = await store.listLevels();
  return { minZoom: levels[0] ?? 0, maxZoom: levels.at(-1) ?? 0 };
}

function nameOf(path: string, layer: string | undefined): string {
  const file = basename(path, extname(path));
  const text = layer === undefined ? file : `${file}-${layer}`;
  const clean = text.replace(/[^A-Za-z0-9_.-]+/g, "_").replace(/^[.-]+/, "");
  return clean.slice(0, 60) || "cache";
}

function freeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let count = 2; names.has(name); count++) name = `${wanted}-${count}`;
  names.add(name);
  return name;
}
