import { basename, extname } from "node:path";
import { TileCache } from "../cache/index.ts";
import { isTilthError } from "../core/index.ts";
import { isStoreUrl, listLayers, openStore, shownLocation, type TileStore } from "../store/index.ts";
import { readStamp } from "./file_stamp.ts";
import { cacheNameOf, type NamedCache } from "./named_cache.ts";
import { dataBounds } from "./workspace/data_bounds.ts";

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
      for (const layer of layers.length > 1 ? layers : [undefined])
        caches.push(await openArchive(freeName(nameOf(path, layer), names), path, layer, signal));
    }
    return caches;
  } catch (error) {
    await Promise.allSettled(caches.map(({ cache }) => cache.close()));
    throw error;
  }
}

async function openArchive(
  name: string,
  path: string,
  layer: string | undefined,
  signal: AbortSignal | undefined,
): Promise<NamedCache> {
  // Before it is opened: what comes later is noticed as a change.
  const stamp = await readStamp(path);
  const store = await openStore(path, { mode: "read", layer, signal });
  try {
    const described = await describeStore(store);
    openHere(store);
    const reopen = (again?: AbortSignal): Promise<NamedCache> => openArchive(name, path, layer, again);
    const cache = new TileCache({ store, source: null });
    return { name, cache, ...described, file: { stamp, reopen } };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The way into the file on this thread is opened with the other one: later there may be another file at its path. */
function openHere(store: TileStore): void {
  try {
    store.findNow?.({ z: 0, x: 0, y: 0 });
  } catch (error) {
    // Locked at the moment, say: whoever asks for a tile tries again.
    if (!isTilthError(error)) throw error;
  }
}

/** What a store says of itself. @throws `store.*` */
export async function describeStore(store: TileStore): Promise<Omit<NamedCache, "name" | "cache">> {
  const levels = await store.listLevels();
  const { title, attribution } = store.metadata;
  const extents = await store.readExtents();
  const bounds = await dataBounds(store, extents);
  return { title, attribution, minZoom: levels[0] ?? 0, maxZoom: levels.at(-1) ?? 0, bounds, extents };
}

function nameOf(path: string, layer: string | undefined): string {
  if (isStoreUrl(path)) return nameOfUrl(new URL(shownLocation(path)), layer);
  const file = basename(path, extname(path));
  return cacheNameOf(layer === undefined ? file : `${file}-${layer}`);
}

function nameOfUrl({ pathname, searchParams }: URL, layer: string | undefined): string {
  return cacheNameOf(layer ?? searchParams.get("layer") ?? decodeURIComponent(pathname.slice(1)));
}

function freeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let count = 2; names.has(name); count++) name = `${wanted}-${count}`;
  names.add(name);
  return name;
}
