import type { Command } from "commander";
import { parseBbox } from "../arguments.ts";
import type { CalcArguments } from "../raster/run_raster_calc.ts";
import type { ClipArguments } from "../raster/run_raster_clip.ts";
import type { FillArguments } from "../raster/run_raster_fill.ts";
import type { TileArguments } from "../raster/run_raster_tile.ts";
import type { MosaicArguments } from "../raster/run_raster_mosaic.ts";
import type { WarpArguments } from "../raster/run_raster_warp.ts";
import type { WriteArguments } from "../raster/write_result.ts";
import {
  parseExtent,
  parseNodata,
  parsePixelType,
  parseResampling,
  parseResolution,
  parseSize,
  parseStretch,
} from "../raster/place_arguments.ts";
import type { GlobalOptions } from "../terminal.ts";

/** Commands that read rasters and write one. */
export function addRasterWriters(raster: Command): void {
  addConvert(raster);
  addWarp(raster);
  addClip(raster);
  addCalc(raster);
  addMosaic(raster);
  addFill(raster);
  addTile(raster);
}

function addWriteOptions(command: Command): Command {
  return command
    .option("-o, --out <file>", "a .tif; it has its name only when it is whole")
    .option("--cog", "with overviews, in the order of a cloud optimized GeoTIFF")
    .option("--compression <name>", "none, lzw, deflate, zstd, jpeg or webp", "deflate")
    .option("--predictor <number>", "1 none, 2 differences, 3 those of fractions; default by the type", Number)
    .option("--level <number>", "of deflate (1-12) or zstd (1-22)", Number)
    .option("--quality <number>", "of jpeg or webp (1-100; webp of 100 loses nothing)", Number)
    .option("--block-size <pixels>", "a multiple of 16; default 256, of a COG 512", Number)
    .option("--overviews <name>", "of a COG: average or nearest")
    .option("--bigtiff", "also when the file is small");
}

function addConvert(raster: Command): void {
  addWriteOptions(
    raster.command("convert").description("write a raster anew as tiled GeoTIFF or COG").argument("<file>"),
  )
    .addHelpText("after", "\nExample:\n  tilth raster convert dem.asc --out dem.tif --cog --compression zstd")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { startThreads } = await import("../raster/start_threads.ts");
      await using _threads = startThreads(file, "blocks");
      const { runRasterConvert } = await import("../raster/run_raster_convert.ts");
      process.exitCode = await runRasterConvert(file, command.optsWithGlobals<WriteArguments & GlobalOptions>());
    });
}

const NODATA = ["--nodata <value>", "of pixels without data: a number, or nan", parseNodata] as const;
const RESAMPLING = ["--resampling <name>", "nearest, bilinear, cubic, lanczos or average", parseResampling] as const;
const RESOLUTION = ["--resolution <n>", "units of the CRS for one pixel: N, or X,Y", parseResolution] as const;
const EXTENT = ["--extent <minX,minY,maxX,maxY>", "in units of the CRS", parseExtent] as const;

function addWarp(raster: Command): void {
  const warp = raster.command("warp").description("a raster in another CRS, resolution or extent").argument("<file>");
  warp
    .option("--crs <code>", "EPSG:3857, a PROJ text or WKT; default: the raster's own")
    .option("--like <file>", "the pixels of another raster")
    .option(...RESOLUTION)
    .option(...EXTENT)
    .option("--size <WIDTHxHEIGHT>", "in pixels", parseSize)
    .option(...RESAMPLING)
    .option(...NODATA);
  addWriteOptions(warp)
    .addHelpText("after", "\nExample:\n  tilth raster warp dem.tif --crs EPSG:3035 --resolution 30 --out laea.tif")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterWarp } = await import("../raster/run_raster_warp.ts");
      process.exitCode = await runRasterWarp(file, command.optsWithGlobals<WarpArguments & GlobalOptions>());
    });
}

function addClip(raster: Command): void {
  const clip = raster.command("clip").description("a part of a raster, pixel for pixel").argument("<file>");
  clip
    .option("--bbox <W,S,E,N>", "in degrees", parseBbox)
    .option("--coverage <file>", "GeoJSON polygons: pixels outside become nodata")
    .option(...EXTENT)
    .option(...NODATA);
  addWriteOptions(clip)
    .addHelpText("after", "\nExample:\n  tilth raster clip dem.tif --bbox 6.8,45.8,7.0,46.0 --out part.tif")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterClip } = await import("../raster/run_raster_clip.ts");
      process.exitCode = await runRasterClip(file, command.optsWithGlobals<ClipArguments & GlobalOptions>());
    });
}

function addCalc(raster: Command): void {
  const calc = raster
    .command("calc")
    .description("one band out of a formula over bands of any files")
    .argument("<formula>", "+ - * / % ^, comparisons, a ? b : c, min, max, abs, sqrt, where, clamp ...")
    .argument("<inputs...>", "FILE (bands b1, b2 ...), NAME=FILE (a, a.b2) or NAME=FILE:BAND");
  calc.option("--type <name>", "of the result", parsePixelType, "float32").option(...NODATA);
  addWriteOptions(calc)
    .addHelpText(
      "after",
      '\nExample:\n  tilth raster calc "(nir-red)/(nir+red)" nir=s2.tif:4 red=s2.tif:3 --out ndvi.tif',
    )
    .action(async (formula: string, inputs: string[], _options: unknown, command: Command) => {
      const [{ startThreads }, { parseCalcInput }] = await Promise.all([
        import("../raster/start_threads.ts"),
        import("../raster/calc_inputs.ts"),
      ]);
      await using _threads = startThreads(parseCalcInput(inputs[0] as string).file, "formula");
      const { runRasterCalc } = await import("../raster/run_raster_calc.ts");
      process.exitCode = await runRasterCalc(formula, inputs, command.optsWithGlobals<CalcArguments & GlobalOptions>());
    });
}

function addMosaic(raster: Command): void {
  const mosaic = raster.command("mosaic").description("many rasters as one").argument("<files...>");
  mosaic
    .option("--top <which>", "which is seen where they lie over each other: first or last", "last")
    .option("--crs <code>", "default: that of the first")
    .option(...RESOLUTION)
    .option(...EXTENT)
    .option(...RESAMPLING)
    .option(...NODATA);
  addWriteOptions(mosaic)
    .addHelpText("after", "\nExample:\n  tilth raster mosaic west.tif east.tif --out both.tif --cog")
    .action(async (files: string[], _options: unknown, command: Command) => {
      const { runRasterMosaic } = await import("../raster/run_raster_mosaic.ts");
      process.exitCode = await runRasterMosaic(files, command.optsWithGlobals<MosaicArguments & GlobalOptions>());
    });
}

function addFill(raster: Command): void {
  const fill = raster.command("fill-nodata").description("holes filled out of what is around them").argument("<file>");
  fill
    .option("--distance <pixels>", "from a hole's pixel to what fills it", Number, 100)
    .option("--smoothing <times>", "of what was filled", Number, 0);
  addWriteOptions(fill)
    .addHelpText("after", "\nExample:\n  tilth raster fill-nodata srtm.tif --distance 50 --out whole.tif")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterFill } = await import("../raster/run_raster_fill.ts");
      process.exitCode = await runRasterFill(file, command.optsWithGlobals<FillArguments & GlobalOptions>());
    });
}

function addTile(raster: Command): void {
  raster
    .command("tile")
    .description("a raster as a cache of tiles: all zooms, each out of the next")
    .argument("<file>", "a raster, its address, or a cache of tiles")
    .option("-o, --out <file>", ".gpkg, .mbtiles or a folder")
    .option("--grid <name>", "a name, EPSG:n or a file", "WebMercatorQuad")
    .option("--zoom <list>", "zooms: 4, 0-14 or 0,3,7-9; default: from 0 to the raster's resolution")
    .option("--bbox <W,S,E,N>", "area as lon/lat degrees; default: all of the raster", parseBbox)
    .option("--coverage <file>", "area as polygons in a GeoJSON file")
    .option(...RESAMPLING)
    .option("--format <format>", "png, jpeg, webp or mixed (jpeg where opaque)", "png")
    .option("--quality <n>", "of JPEG and WebP, 1-100", Number, 85)
    .option("--elevation <encoding>", "heights into colours: terrarium or terrainRgb")
    .option("--stretch <least,most>", "values that become black and white, for bands that are not bytes", parseStretch)
    .addHelpText("after", "\nExample:\n  tilth raster tile ortho.tif --zoom 0-18 --format mixed --out ortho.gpkg")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterTile } = await import("../raster/run_raster_tile.ts");
      process.exitCode = await runRasterTile(file, command.optsWithGlobals<TileArguments & GlobalOptions>());
    });
}
