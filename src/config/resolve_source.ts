import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TilthError } from "../core/index.ts";
import { archiveSource, openSource, type OpenSourceOptions, type TileSource } from "../source/index.ts";
import { openStore } from "../store/index.ts";

export interface ResolveSourceOptions extends OpenSourceOptions {
  signal?: AbortSignal;
}

const ARCHIVE = /\.(?:gpkg|mbtiles)$/i;

/**
 * Whatever a person names as a source: a local archive (.gpkg, .mbtiles, a folder z/x/y), else what `openSource` accepts.
 * @throws `source.invalid`, `store.*` for an archive that cannot be read
 */
export async function resolveSource(spec: string, options: ResolveSourceOptions = {}): Promise<TileSource> {
  const path = spec.startsWith("file://") ? pathOf(spec) : spec;
  const isRemote = /^https?:\/\//i.test(spec) || spec.includes("{");
  if (isRemote || !(ARCHIVE.test(path) || isFolder(path))) return openSource(spec, options);
  if (!existsSync(path))
    throw new TilthError("source.invalid", `expected an archive at ${path}, got nothing there`, { fields: { path } });
  return archiveSource(await openStore(path, { mode: "read", layer: options.layer, signal: options.signal }));
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new TilthError("source.invalid", `expected a file URL such as file:///data/world.mbtiles, got '${url}'`, {
      cause,
    });
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
