import { basename, extname } from "node:path";
import { TileCache } from "../cache/index.ts";
import { listLayers, openStore, type TileStore } from "../store/index.ts";
import { cacheNameOf, type NamedCache } from "./named_cache.ts";
import { seededBounds } from "./workspace/data_bounds.ts";

/**
 * Opens files for reading, each layer of a GeoPackage as a cache of its own. Equal names get a number.
 * @param taken names that are in use already
 * @throws `store.*`, with nothing left open
 */
export async function openCaches(
  paths: readonly string[],
  signal?: AbortSignal,
  taken: Iterable<string> = [],
): Promise<NamedCache[]> {
  const caches: NamedCache[] = [];
  const names = new Set<string>(taken);
  try {
    for (const path of paths) {
      const layers = await listLayers(path);
      for (const layer of layers.length > 1 ? layers : [undefined]) {
        const store = await openStore(path, { mode: "read", layer, signal });
        // Opened before it is described: what throws below must find it in the list.
        const cache = new TileCache({ store, source: null });
        const name = freeName(nameOf(path, layer), names);
        caches.push({ name, cache, title: name, attribution: "", minZoom: 0, maxZoom: 0, bounds: null });
        caches[caches.length - 1] = { name, cache, ...(await describeStore(store)) };
      }
    }
    return caches;
  } catch (error) {
    await Promise.allSettled(caches.map(({ cache }) => cache.close()));
    throw error;
  }
}

/** What a store says of itself. @throws `store.*` */
export async function describeStore(store: TileStore): Promise<Omit<NamedCache, "name" | "cache">> {
  const levels = await store.listLevels();
  const { title, attribution } = store.metadata;
  const bounds = await seededBounds(store);
  return { title, attribution, minZoom: levels[0] ?? 0, maxZoom: levels.at(-1) ?? 0, bounds };
}

function nameOf(path: string, layer: string | undefined): string {
  const file = basename(path, extname(path));
  return cacheNameOf(layer === undefined ? file : `${file}-${layer}`);
}

function freeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let count = 2; names.has(name); count++) name = `${wanted}-${count}`;
  names.add(name);
  return name;
}
