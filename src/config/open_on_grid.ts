import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isTilthError, TilthError } from "../core/index.ts";
import { ReprojectedSource } from "../cache/index.ts";
import { findGrid, getGrid, readGrid, sameGrid, type TileMatrixSet } from "../grid/index.ts";
import { OUTPUT_FORMATS, type ElevationEncoding, type OutputFormat, type TileEncoding } from "../raster/index.ts";
import { RESAMPLINGS, type Resampling } from "../reproject/index.ts";
import type { TileSource } from "../source/index.ts";
import type { ResolveSourceOptions } from "./resolve_source.ts";

/** What a user says of warped tiles, not yet looked at. */
export interface WarpArguments {
  format?: string;
  resampling?: string;
  quality?: number;
  effort?: number;
  elevation?: string;
}

/** A grid by name, CRS or file. @throws `grid.unknown`, `grid.invalid` */
export async function readNamedGrid(text: string, tileSize?: number): Promise<TileMatrixSet> {
  const known = findGrid(text, tileSize);
  if (known !== null || !existsSync(text)) return known ?? getGrid(text, tileSize);
  return readGrid(await readFile(text, "utf8"));
}

/** Opens a source by what a user calls it. */
export type Opener = (spec: string, options: ResolveSourceOptions) => Promise<TileSource>;

/**
 * The source on the wanted grid. One that makes images on request is asked in that grid; tiles that exist on another are warped.
 * @param target null: whatever grid the source has
 * @throws what `open` and `ReprojectedSource` throw
 */
export async function openOnGrid(
  open: Opener,
  spec: string,
  options: ResolveSourceOptions,
  target: TileMatrixSet | null,
  warp: WarpArguments,
): Promise<TileSource> {
  const settings = readWarpArguments(warp);
  const source = await open(spec, options);
  if (target === null || sameGrid(source.info.grid, target)) return source;
  if (source.info.anyGrid === true) {
    const native = await openNative(open, spec, { ...options, grid: target });
    if (native !== null) {
      await source.close();
      return native;
    }
  }
  try {
    return new ReprojectedSource(source, { ...settings, grid: target, encoding: encodingFor(spec, source, settings) });
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Null when the service does not have the grid's CRS. */
async function openNative(open: Opener, spec: string, options: ResolveSourceOptions): Promise<TileSource | null> {
  try {
    return await open(spec, options);
  } catch (error) {
    if (isTilthError(error, "source.invalid")) return null;
    throw error;
  }
}

interface WarpSettings {
  resampling: Resampling;
  elevation: ElevationEncoding | null;
  format: OutputFormat | null;
  quality?: number;
  effort?: number;
}

function readWarpArguments(warp: WarpArguments): WarpSettings {
  const { resampling = "bilinear", elevation, format, quality, effort } = warp;
  return {
    resampling: oneOf("resampling", resampling, RESAMPLINGS),
    elevation: elevation === undefined ? null : oneOf("elevation", elevation, ["terrarium", "terrainRgb"] as const),
    // A MIME type or a format that only a service knows.
    format: OUTPUT_FORMATS.find((known) => known === format || `image/${known}` === format) ?? null,
    quality,
    effort,
  };
}

function oneOf<Value extends string>(option: string, value: string, known: readonly Value[]): Value {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw new TilthError("argument.invalid", `expected ${option} to be one of ${known.join(", ")}, got '${value}'`);
}

/** Photographs stay photographs: JPEG becomes JPEG, with PNG for tiles that are partly clear. */
function encodingFor(spec: string, source: TileSource, { format, quality, effort }: WarpSettings): TileEncoding {
  const own = source.info.format ?? formatOfUrl(spec);
  const usual = own === "jpeg" ? "mixed" : own === "webp" ? "webp" : "png";
  return { format: format ?? usual, quality, effort };
}

/** What the ending of a template says; null when it says nothing. */
function formatOfUrl(spec: string): "jpeg" | "webp" | null {
  const [path = ""] = spec.split(/[?#]/);
  if (/\.jpe?g$/i.test(path)) return "jpeg";
  return /\.webp$/i.test(path) ? "webp" : null;
}
