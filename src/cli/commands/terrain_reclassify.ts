import type { Command } from "commander";
import type { GlobalOptions } from "../terminal.ts";
import type { ReclassifyArguments } from "../terrain/run_reclassify.ts";

export function addReclassifyCommand(terrain: Command): void {
  terrain
    .command("reclassify")
    .description("classes of heights, or of where the ground faces, as numbers from 1")
    .exitOverride()
    .argument("<input>", "a DEM (GeoTIFF, ESRI ASCII grid, .hgt), its address, or a cache of elevation tiles")
    .option("-o, --out <file>", "GeoTIFF to write")
    .option("--method <name>", "equal, step, target, quantile, natural, breaks or sectors", "equal")
    .option("--classes <n>", "how many: of equal, target, quantile and natural", "5")
    .option("--step <n>", "width of a class: of step")
    .option("--base <n>", "height at which a class begins: of step", "0")
    .option("--breaks <list>", "heights at which classes begin: 100,200,500")
    .option("--sectors <n>", "4, 8 or 16: N, NE, E ... by the aspect", "8")
    .option("--scale <n>", "of sectors: units of height in one of the CRS")
    .option("--band <n>", "band with the heights", "1")
    .option("--cog", "a COG, with overviews")
    .option("--compression <name>", "none, deflate, lzw or zstd", "deflate")
    .option("--level <n>", "of the compression")
    .addHelpText(
      "after",
      "\nExample:\n  tilth terrain reclassify dem.tif --method natural --classes 7 --out classes.tif",
    )
    .action(async (input: string, _options: unknown, action: Command) => {
      const { runReclassify } = await import("../terrain/run_reclassify.ts");
      process.exitCode = await runReclassify(input, action.optsWithGlobals<ReclassifyArguments & GlobalOptions>());
    });
}
