import { existsSync, statSync } from "node:fs";
import type { CacheRasterOptions } from "../../cache/index.ts";
import { redactUrl, TilthError } from "../../core/index.ts";
import { openRaster, openRasterSource, type OpenRasterOptions, type Raster } from "../../raster/index.ts";
import { oneOf, requireInteger } from "../arguments.ts";

/** Rasters that are closed together. */
export class OpenInputs implements AsyncDisposable {
  readonly rasters: Raster[] = [];

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.rasters.map((raster) => raster.close()));
  }
}

/** More files than this at once are decoded on the calling thread each: threads of their own would be hundreds. */
const WITH_THREADS = 4;

/** Opens what a command reads. @throws as `openInput` */
export async function openInputs(names: readonly string[], signal: AbortSignal): Promise<OpenInputs> {
  const inputs = new OpenInputs();
  const options: OpenRasterOptions = names.length > WITH_THREADS ? { threads: 0, cacheBytes: 2 ** 20 } : {};
  try {
    for (const name of names) inputs.rasters.push(await openInput(name, { ...options, signal }));
    return inputs;
  } catch (error) {
    await inputs[Symbol.asyncDispose]();
    throw error;
  }
}

export interface InputOptions extends OpenRasterOptions {
  readonly signal: AbortSignal;
  /** How a cache of tiles is read unless its name says. @default as colours */
  readonly elevation?: CacheRasterOptions["elevation"];
  /** Of a cache. @default true */
  readonly overviews?: boolean;
}

/**
 * A raster file, its address (read by ranges), or a cache of tiles: `dem.gpkg?zoom=12&elevation=terrarium&layer=heights` says how it is read.
 * @throws as `openRaster`, `openHttpSource`, `openCacheRaster`; `argument.invalid` for words of a cache that are not known
 */
export async function openInput(name: string, options: InputOptions): Promise<Raster> {
  const { signal, elevation, overviews } = options;
  if (isAddress(name)) return openAddress(name, options);
  const cache = parseCacheName(name);
  if (cache === null) return openRaster(name, options);
  const { path, layer, ...how } = cache;
  // Loaded only here: most inputs are files, and clients and stores take 100 ms.
  const [{ openCacheRaster }, { openStore }] = await Promise.all([
    import("../../cache/index.ts"),
    import("../../store/index.ts"),
  ]);
  const store = await openStore(path, { mode: "read", layer, signal });
  return openCacheRaster(store, { elevation, overviews, ...how, signal });
}

async function openAddress(name: string, options: InputOptions): Promise<Raster> {
  const { getHttpClient, openHttpSource } = await import("../../net/index.ts");
  return openRasterSource(await openHttpSource(getHttpClient(), name, { signal: options.signal }), options);
}

/** An input as it may be shown and kept: an address without its secrets. */
export function shownName(name: string): string {
  return isAddress(name) ? redactUrl(name) : name;
}

/** The same without folders: what a file made of it says that it comes from. */
export function titleOf(name: string): string {
  const path = isAddress(name) ? new URL(name).pathname : (parseCacheName(name)?.path ?? name);
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);

/** Is this the name of a cache of tiles? */
export function isCacheName(name: string): boolean {
  return parseCacheName(name) !== null;
}

interface CacheName extends Pick<CacheRasterOptions, "elevation" | "zoom"> {
  readonly path: string;
  readonly layer?: string;
}

function parseCacheName(name: string): CacheName | null {
  if (existsSync(name)) return isCache(name) ? { path: name } : null;
  const [path = "", query] = name.split(/\?(?=[^?]*$)/);
  if (query === undefined || !isCache(path)) return isCache(name) ? { path: name } : null;
  const words: { zoom?: number; layer?: string; elevation?: CacheRasterOptions["elevation"] } = {};
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === "zoom") words.zoom = requireInteger(Number(value), "zoom", 0, 40);
    else if (key === "layer") words.layer = value;
    else if (key === "elevation") words.elevation = oneOf<(typeof ELEVATIONS)[number]>("elevation", value, ELEVATIONS);
    else throw new TilthError("argument.invalid", `expected zoom, layer or elevation behind '${path}?', got '${key}'`);
  }
  return { path, ...words };
}

const ELEVATIONS = ["terrarium", "terrainRgb", "auto"] as const;

function isCache(path: string): boolean {
  return /\.(?:gpkg|gpkx|mbtiles)$/i.test(path) || (existsSync(path) && statSync(path).isDirectory());
}
