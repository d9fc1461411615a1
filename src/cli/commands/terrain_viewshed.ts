import type { Command } from "commander";
import type { GlobalOptions } from "../terminal.ts";
import type { ViewshedArguments } from "../terrain/run_viewshed.ts";

export function addViewshedCommand(terrain: Command): void {
  terrain
    .command("viewshed")
    .description("what can be seen from a place: 255, and 0 for what is hidden")
    .exitOverride()
    .argument("<input>", "a DEM (GeoTIFF, ESRI ASCII grid, .hgt), its address, or a cache of elevation tiles")
    .option("-o, --out <file>", "GeoTIFF to write, of what lies within the distance")
    .option("--observer <x,y>", "where one stands, in the DEM's CRS")
    .option("--observer-lonlat <lon,lat>", "the same in degrees")
    .option("--observer-height <n>", "of the eye above the ground", "2")
    .option("--target-height <n>", "of what is looked at above the ground", "0")
    .option("--max-distance <n>", "in units of the CRS, of a DEM in degrees metres; 0: all of the DEM", "0")
    .option("--curvature <n>", "share of the Earth's curve that remains when light is bent; 0: a flat Earth", "0.85714")
    .option("--visible <value>", "0 to 255", "255")
    .option("--invisible <value>", "0 to 255", "0")
    .option("--out-of-range <value>", "0 to 255", "0")
    .option("--band <n>", "band with the heights", "1")
    .option("--cog", "a COG, with overviews")
    .option("--compression <name>", "none, deflate, lzw or zstd", "deflate")
    .option("--level <n>", "of the compression")
    .addHelpText(
      "after",
      "\nExample:\n  tilth terrain viewshed dem.tif --observer-lonlat 7.66,45.98 --max-distance 20000 --out seen.tif",
    )
    .action(async (input: string, _options: unknown, action: Command) => {
      const { runViewshed } = await import("../terrain/run_viewshed.ts");
      process.exitCode = await runViewshed(input, action.optsWithGlobals<ViewshedArguments & GlobalOptions>());
    });
}
