import { ReprojectedSource, TileCache } from "../../cache/index.ts";
import { parseDurationMs } from "../../core/index.ts";
import type { TileSource } from "../../source/index.ts";
import { openStore, type TileStore } from "../../store/index.ts";
import { readStamp } from "../file_stamp.ts";
import { describeStore } from "../open_caches.ts";
import type { NamedCache } from "../named_cache.ts";
import { openOnGrid, readNamedGrid } from "../open_on_grid.ts";
import type { ConfiguredCache, ServeConfig } from "../serve_config.ts";
import type { Clients } from "./clients.ts";
import { openTrusted } from "./named_source.ts";

/** A cache of the configuration: fetches and keeps what is missing, when it has a source. @throws `source.*`, `store.*`, `grid.*` */
export async function openLiveCache(
  name: string,
  cache: ConfiguredCache,
  sources: ServeConfig["sources"],
  clients: Clients,
  signal: AbortSignal | undefined,
): Promise<NamedCache> {
  const { source: spec, file, title, attribution } = cache;
  const stamp = await readStamp(file);
  const source = spec === undefined ? null : await openSourceOf(spec, cache, sources, clients, signal);
  let store: TileStore | null = null;
  try {
    store = await openOrCreate(file, source, { title: title ?? name, attribution }, signal);
    const described = await describeStore(store);
    const made = new TileCache({ store, source, ...freshness(cache) });
    const named = {
      name,
      cache: made,
      title: title ?? described.title,
      attribution: attribution ?? described.attribution,
    };
    const reopen = (again?: AbortSignal): Promise<NamedCache> => openLiveCache(name, cache, sources, clients, again);
    if (source === null) return { ...described, ...named, file: { stamp, reopen } };
    const { minZoom, maxZoom, bounds, attribution: owed } = source.info;
    return { ...named, minZoom, maxZoom, bounds, extents: null, attribution: named.attribution || owed };
  } catch (error) {
    await store?.close();
    await source?.close();
    throw error;
  }
}

async function openSourceOf(
  spec: string,
  { grid, resampling, format, quality }: ConfiguredCache,
  sources: ServeConfig["sources"],
  clients: Clients,
  signal: AbortSignal | undefined,
): Promise<TileSource> {
  const target = grid === undefined ? null : await readNamedGrid(grid);
  const open = (text: string, options: object): Promise<TileSource> => openTrusted(text, sources, clients, options);
  return openOnGrid(open, spec, { signal }, target, { resampling, format, quality });
}

async function openOrCreate(
  file: string,
  source: TileSource | null,
  named: { title: string; attribution: string | undefined },
  signal: AbortSignal | undefined,
): Promise<TileStore> {
  if (source === null) return openStore(file, { mode: "read", signal });
  return openStore(file, { mode: "write", ...newStoreOptions(source, named), signal });
}

/** How a store for a source's tiles is laid out. */
export function newStoreOptions(source: TileSource, named: { title?: string; attribution?: string } = {}) {
  const { info } = source;
  return {
    grid: info.grid,
    metadata: {
      title: named.title ?? info.title,
      attribution: named.attribution ?? info.attribution,
      format: info.format,
      sourceId: info.id,
    },
    // Tiles that are JPEG where they are opaque.
    smallTiles: source instanceof ReprojectedSource && source.encoding.format === "mixed" ? true : undefined,
  };
}

function freshness({ maxAge, staleRefreshes }: ConfiguredCache) {
  if (maxAge === undefined) return {};
  const maxAgeMs = parseDurationMs(maxAge);
  return staleRefreshes === 0 ? { maxAgeMs } : { maxAgeMs, staleWhileRefresh: { maxRefreshes: staleRefreshes } };
}
