import type { Command } from "commander";
import type { GlobalOptions } from "../terminal.ts";
import type { ContoursArguments } from "../terrain/run_contours.ts";

export function addContoursCommand(terrain: Command): void {
  terrain
    .command("contours")
    .description("lines of equal height, or the areas between them, as features")
    .exitOverride()
    .argument("<input>", "a DEM (GeoTIFF, ESRI ASCII grid, .hgt), its address, or a cache of elevation tiles")
    .option("-o, --out <file>", ".gpkg, .geojson, .geojsonl, .fgb")
    .option("--interval <n>", "a level every so many units of height")
    .option("--base <n>", "height of one of the levels", "0")
    .option("--levels <list>", "these levels instead: 10,20,50")
    .option("--polygons", "areas between levels, with elevMin and elevMax")
    .option("--smooth <rounds>", "cut the corners of lines off so many times, 0 to 6", "0")
    .option("--crs <code>", "of the file (default: the DEM's; GeoJSON is always lon/lat)")
    .option("--input-crs <code>", "of the DEM, where its file names none")
    .option("--band <n>", "band with the heights", "1")
    .addHelpText("after", "\nExample:\n  tilth terrain contours dem.tif --interval 10 --out contours.gpkg")
    .action(async (input: string, _options: unknown, action: Command) => {
      const { runContours } = await import("../terrain/run_contours.ts");
      process.exitCode = await runContours(input, action.optsWithGlobals<ContoursArguments & GlobalOptions>());
    });
}
