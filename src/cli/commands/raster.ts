import type { Command } from "commander";
import type { ConvertArguments } from "../raster/run_raster_convert.ts";
import type { HistogramArguments } from "../raster/run_raster_stats.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addRasterCommands(program: Command): void {
  const raster = program
    .command("raster")
    .description("georasters: GeoTIFF, COG, ESRI ASCII grid, SRTM .hgt, PNG, JPEG");
  raster
    .command("info")
    .description("what a raster says of itself")
    .argument("<file>")
    .addHelpText("after", "\nExample:\n  tilth raster info dem.tif --json")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterInfo } = await import("../raster/run_raster_info.ts");
      process.exitCode = await runRasterInfo(file, command.optsWithGlobals<GlobalOptions>());
    });
  raster
    .command("stats")
    .description("least, greatest, mean and deviation of each band")
    .argument("<file>")
    .addHelpText("after", "\nExample:\n  tilth raster stats dem.tif")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterStats } = await import("../raster/run_raster_stats.ts");
      process.exitCode = await runRasterStats(file, command.optsWithGlobals<GlobalOptions>());
    });
  addHistogram(raster);
  addConvert(raster);
  for (const command of raster.commands) command.exitOverride();
}

function addHistogram(raster: Command): void {
  raster
    .command("histogram")
    .description("how many pixels of a band lie in each bucket")
    .argument("<file>")
    .option("--band <number>", "from 1", Number, 1)
    .option("--buckets <count>", "of equal width", Number, 256)
    .option("--min <value>", "default: the least value", Number)
    .option("--max <value>", "default: the greatest value", Number)
    .addHelpText("after", "\nExample:\n  tilth raster histogram dem.tif --buckets 10 --min 0 --max 3000")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterHistogram } = await import("../raster/run_raster_stats.ts");
      process.exitCode = await runRasterHistogram(file, command.optsWithGlobals<HistogramArguments & GlobalOptions>());
    });
}

function addConvert(raster: Command): void {
  raster
    .command("convert")
    .description("write a raster anew as tiled GeoTIFF or COG")
    .argument("<file>")
    .option("--out <file>", "a .tif; it has its name only when it is whole")
    .option("--cog", "with overviews, in the order of a cloud optimized GeoTIFF")
    .option("--compression <name>", "none, lzw, deflate, zstd, jpeg or webp", "deflate")
    .option("--predictor <number>", "1 none, 2 differences, 3 those of fractions; default by the type", Number)
    .option("--level <number>", "of deflate (1-9) or zstd (1-22)", Number)
    .option("--quality <number>", "of jpeg or webp (1-100; webp of 100 loses nothing)", Number)
    .option("--block-size <pixels>", "a multiple of 16; default 256, of a COG 512", Number)
    .option("--resampling <name>", "of overviews: average or nearest")
    .option("--bigtiff", "also when the file is small")
    .addHelpText("after", "\nExample:\n  tilth raster convert dem.asc --out dem.tif --cog --compression zstd")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRasterConvert } = await import("../raster/run_raster_convert.ts");
      process.exitCode = await runRasterConvert(file, command.optsWithGlobals<ConvertArguments & GlobalOptions>());
    });
}
