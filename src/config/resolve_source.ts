import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseWarpId, ReprojectedSource, type WarpRecipe } from "../cache/index.ts";
import { TilthError } from "../core/index.ts";
import { findGrid } from "../grid/index.ts";
import {
  archiveSource,
  findCatalogueEntry,
  openServiceSource,
  openSource,
  type OpenSourceOptions,
  type TileSource,
} from "../source/index.ts";
import { isStoreUrl, openStore } from "../store/index.ts";
import { findUserSource, type NamedSource } from "./user_catalogue.ts";

export interface ResolveSourceOptions extends OpenSourceOptions {
  signal?: AbortSignal;
  /** File of the user's own sources. @default `userCataloguePath()` */
  catalogue?: string;
}

const ARCHIVE = /\.(?:gpkg|mbtiles)$/i;

/**
 * Whatever a person names as a source: an archive (.gpkg, .mbtiles, a folder z/x/y, a cache in PostgreSQL), a file that describes a service, a name of Tilth's or of
 * the user's own catalogue, else what `openSource` accepts.
 * @throws `source.invalid`, `store.*` for an archive that cannot be read, `config.invalid` for the user's catalogue
 */
export async function resolveSource(spec: string, options: ResolveSourceOptions = {}): Promise<TileSource> {
  const warped = parseWarpId(spec);
  if (warped !== null) return openWarped(warped.base, warped.recipe, options);
  if (isStoreUrl(spec)) return openArchive(spec, options);
  const path = spec.startsWith("file://") ? pathOf(spec) : spec;
  const isRemote = /^https?:\/\//i.test(spec) || spec.includes("{");
  if (isRemote || findCatalogueEntry(spec) !== null) return openSource(spec, options);
  if (ARCHIVE.test(path) || isFolder(path)) return openArchive(path, options);
  if (isFile(path)) return openServiceSource(path, options);
  const named = await findUserSource(spec, options.catalogue);
  return named === null ? openSource(spec, options) : openNamed(named, options);
}

/** The source that a file was warped from, with the recipe that its id names; `options.grid` is the file's. */
async function openWarped(base: string, recipe: WarpRecipe, options: ResolveSourceOptions): Promise<TileSource> {
  const { sourceGrid, minZoom, maxZoom, ...warp } = recipe;
  if (options.grid === undefined)
    throw new TilthError(
      "source.invalid",
      `expected a grid to warp '${base}' to, got none; open it with the file that it fills`,
    );
  // A grid without a name belongs to the service, which describes it again.
  const grid = sourceGrid === "WebMercatorQuad" ? undefined : (findGrid(sourceGrid) ?? undefined);
  const source = await resolveSource(base, { ...options, grid, minZoom, maxZoom });
  return new ReprojectedSource(source, { ...warp, grid: options.grid });
}

async function openArchive(path: string, options: ResolveSourceOptions): Promise<TileSource> {
  if (!isStoreUrl(path) && !existsSync(path))
    throw new TilthError("source.invalid", `expected an archive at ${path}, got nothing there`, { fields: { path } });
  return archiveSource(await openStore(path, { mode: "read", layer: options.layer, signal: options.signal }));
}

/** What the command says counts more than what the catalogue keeps. */
async function openNamed(named: NamedSource, options: ResolveSourceOptions): Promise<TileSource> {
  const merged: ResolveSourceOptions = {
    ...options,
    title: options.title ?? (named.title || undefined),
    layer: options.layer ?? named.layer,
    style: options.style ?? named.style,
    matrixSet: options.matrixSet ?? named.matrixSet,
    format: options.format ?? named.format,
    dimensions: { ...named.dimensions, ...options.dimensions },
    headers: { ...named.headers, ...options.headers },
  };
  return named.service ? openServiceSource(named.source, merged) : openSource(named.source, merged);
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

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();
