import { readFile } from "node:fs/promises";
import { TilthError } from "../../core/index.ts";
import { computeStatistics, type Raster, type WriteCompression, type WriteGeotiffOptions } from "../../raster/index.ts";
import {
  colorOfNodata,
  makeColorRamp,
  namedRamp,
  parseColorFile,
  parseCpt,
  placeStops,
  type Analysis,
  type ColorFile,
  type GradientMethod,
} from "../../terrain/index.ts";
import { oneOf, requireInteger, requireNumber } from "../arguments.ts";

/** What the commands of `tilth terrain` take; each has some of it. */
export interface TerrainArguments {
  out?: string;
  band?: string;
  alg?: string;
  percent?: boolean;
  trigonometric?: boolean;
  zeroForFlat?: boolean;
  azimuth?: string;
  altitude?: string;
  zFactor?: string;
  scale?: string;
  multidirectional?: boolean;
  combined?: boolean;
  kind?: string;
  colors?: string;
  match?: string;
  alpha?: boolean;
  computeEdges?: boolean;
  cog?: boolean;
  compression?: string;
  level?: string;
  /** Of a cache of tiles. */
  grid?: string;
  zoom?: string;
  format?: string;
  stretch?: readonly [number, number];
}

export type TerrainCommand =
  | "slope"
  | "aspect"
  | "hillshade"
  | "tri"
  | "tpi"
  | "roughness"
  | "curvature"
  | "color-relief";

/** Index from 0. @throws `argument.invalid` */
export function bandOf({ band = "1" }: TerrainArguments, raster: Raster): number {
  return requireInteger(Number(band), "--band", 1, raster.info.bands.length) - 1;
}

/** @throws `argument.invalid` */
export async function readAnalysis(
  command: TerrainCommand,
  options: TerrainArguments,
  raster: Raster,
  signal: AbortSignal,
): Promise<Analysis> {
  switch (command) {
    case "slope":
      return { kind: "slope", method: gradientOf(options), unit: options.percent === true ? "percent" : "degrees" };
    case "aspect": {
      const angle = options.trigonometric === true ? "trigonometric" : "azimuth";
      return { kind: "aspect", method: gradientOf(options), angle, zeroForFlat: options.zeroForFlat };
    }
    case "hillshade":
      return { kind: "hillshade", method: gradientOf(options), ...lightOf(options) };
    case "tri":
      return { kind: "ruggedness", method: oneOf("--alg", options.alg ?? "riley", ["riley", "wilson"]) };
    case "tpi":
      return { kind: "position" };
    case "roughness":
      return { kind: "roughness" };
    case "curvature":
      return { kind: "curvature", curvature: oneOf("--kind", options.kind ?? "total", ["profile", "plan", "total"]) };
    case "color-relief":
      return readColors(options, raster, signal);
  }
}

/** @throws `argument.invalid` */
export function scaleOf({ scale }: TerrainArguments): number | null {
  return scale === undefined ? null : requireNumber("--scale", scale, Number.MIN_VALUE, Number.MAX_VALUE);
}

/** @throws `argument.invalid` */
export function outputOptions({ cog, compression = "deflate", level }: TerrainArguments): WriteGeotiffOptions {
  return {
    cog,
    compression: oneOf<WriteCompression>("--compression", compression.toLowerCase(), [
      "none",
      "deflate",
      "lzw",
      "zstd",
    ]),
    ...(level === undefined ? {} : { level: requireInteger(Number(level), "--level", 1, 22) }),
  };
}

function gradientOf({ alg = "horn" }: TerrainArguments): GradientMethod {
  const name = alg.toLowerCase().replace("zevenbergenthorne", "zevenbergen-thorne");
  return oneOf("--alg", name, ["horn", "zevenbergen-thorne"]) === "horn" ? "horn" : "zevenbergenThorne";
}

function lightOf(options: TerrainArguments) {
  if (options.multidirectional === true && options.combined === true)
    throw new TilthError("argument.invalid", "expected --multidirectional or --combined, got both");
  const mode =
    options.multidirectional === true ? "multidirectional" : options.combined === true ? "combined" : "single";
  return {
    mode,
    azimuthDeg: requireNumber("--azimuth", options.azimuth ?? "315", -360, 360),
    altitudeDeg: requireNumber("--altitude", options.altitude ?? "45", 0, 90),
    zFactor: requireNumber("--z-factor", options.zFactor ?? "1", Number.MIN_VALUE, 1e9),
  } as const;
}

async function readColors(options: TerrainArguments, raster: Raster, signal: AbortSignal): Promise<Analysis> {
  const { colors } = options;
  if (colors === undefined)
    throw new TilthError("argument.invalid", "expected --colors FILE (gdaldem's, or .cpt) or the name of a ramp");
  const band = bandOf(options, raster);
  const file = await readColorFile(colors, signal);
  const isRelative = file.stops.some((stop) => "percent" in stop);
  const stops = placeStops(file.stops, isRelative ? await readRange(raster, band, signal) : null);
  // By a name alone nobody has said how what is missing is to be painted: not at all.
  const isNamed = !colors.includes(".");
  const missing = file.missing ?? (isNamed ? undefined : colorOfNodata(stops, raster.info.bands[band]?.nodata ?? null));
  return {
    kind: "colors",
    ramp: makeColorRamp(stops, missing),
    match: oneOf("--match", options.match ?? "linear", ["linear", "nearest", "exact"]),
    alpha: options.alpha === true,
  };
}

/** Lowest and highest height; null without any. */
async function readRange(
  raster: Raster,
  band: number,
  signal: AbortSignal,
): Promise<[low: number, high: number] | null> {
  const [statistics] = await computeStatistics(raster, { bands: [band], signal });
  const { least = null, most = null } = statistics ?? {};
  if (least === null || most === null) return null;
  const { scale, offset } = raster.info.bands[band] ?? { scale: 1, offset: 0 };
  const ends = [least * scale + offset, most * scale + offset] as const;
  return [Math.min(...ends), Math.max(...ends)];
}

async function readColorFile(colors: string, signal: AbortSignal): Promise<ColorFile> {
  if (!colors.includes(".")) return { stops: namedRamp(colors), missing: null };
  try {
    const text = await readFile(colors, { encoding: "utf8", signal });
    return colors.toLowerCase().endsWith(".cpt") ? parseCpt(text) : parseColorFile(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new TilthError("argument.invalid", `expected a colour file at ${colors}, got none`, { cause });
  }
}
