import { RESAMPLINGS, type Resampling } from "../reproject/index.ts";
import { OUTPUT_FORMATS, type ElevationEncoding, type TileEncoding } from "../raster/index.ts";
import type { SourceInfo } from "../source/index.ts";

/** How the tiles of a file were made of those of a source: enough to make them again. */
export interface WarpRecipe {
  readonly resampling: Resampling;
  readonly encoding: TileEncoding;
  readonly elevation: ElevationEncoding | null;
  /** The source's grid and the levels that were used. */
  readonly sourceGrid: string;
  readonly minZoom: number;
  readonly maxZoom: number;
}

const MARK = "#warp=";

/** A source's id with the recipe: all that makes other tiles is part of it, so that two of them never share an archive. */
export function warpId(source: SourceInfo, recipe: Omit<WarpRecipe, "sourceGrid" | "minZoom" | "maxZoom">): string {
  const { format, quality = 85, effort = 3 } = recipe.encoding;
  const parts = new URLSearchParams({ format, quality: String(quality), effort: String(effort) });
  if (recipe.elevation !== null) parts.set("elevation", recipe.elevation);
  parts.set("grid", source.grid.id);
  parts.set("zooms", `${source.minZoom}-${source.maxZoom}`);
  return `${source.id}${MARK}${recipe.resampling}&${parts.toString()}`;
}

/** Null for the id of a source whose tiles are as they came. */
export function parseWarpId(id: string): { base: string; recipe: WarpRecipe } | null {
  const at = id.lastIndexOf(MARK);
  if (at < 0) return null;
  const [name = "", ...rest] = id.slice(at + MARK.length).split("&");
  const parts = new URLSearchParams(rest.join("&"));
  const resampling = RESAMPLINGS.find((known) => known === name);
  const format = OUTPUT_FORMATS.find((known) => known === parts.get("format"));
  const zooms = /^(\d+)-(\d+)$/.exec(parts.get("zooms") ?? "");
  if (resampling === undefined || format === undefined || zooms === null) return null;
  const elevation = (["terrarium", "terrainRgb"] as const).find((known) => known === parts.get("elevation")) ?? null;
  const encoding = { format, quality: Number(parts.get("quality") ?? 85), effort: Number(parts.get("effort") ?? 3) };
  const recipe: WarpRecipe = {
    resampling,
    encoding,
    elevation,
    sourceGrid: parts.get("grid") ?? "WebMercatorQuad",
    minZoom: Number(zooms[1]),
    maxZoom: Number(zooms[2]),
  };
  return { base: id.slice(0, at), recipe };
}
