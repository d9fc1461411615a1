import type { Command } from "commander";
import type { HistogramArguments } from "../raster/run_raster_stats.ts";
import type { GlobalOptions } from "../terminal.ts";
import { addRasterWriters } from "./raster_writers.ts";

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
      const { startThreads } = await import("../raster/start_threads.ts");
      await using _threads = startThreads(file, "blocks");
      const { runRasterStats } = await import("../raster/run_raster_stats.ts");
      process.exitCode = await runRasterStats(file, command.optsWithGlobals<GlobalOptions>());
    });
  addHistogram(raster);
  addRasterWriters(raster);
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
