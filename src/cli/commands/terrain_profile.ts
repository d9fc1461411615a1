import type { Command } from "commander";
import type { GlobalOptions } from "../terminal.ts";
import type { ProfileArguments } from "../terrain/run_profile.ts";

export function addProfileCommand(terrain: Command): void {
  terrain
    .command("profile")
    .description("heights along a line: a table, or points")
    .exitOverride()
    .argument("<input>", "a DEM (GeoTIFF, ESRI ASCII grid, .hgt), its address, or a cache of elevation tiles")
    .option("-o, --out <file>", ".csv, .geojson, .gpkg, .fgb (default: the table on stdout)")
    .option("--line <positions>", "lon,lat;lon,lat;...")
    .option("--line-crs <code>", "of --line (default: lon/lat)")
    .option("--lines <file>", "GeoJSON with lines instead")
    .option("--step <metres>", "between places (default: a cell)")
    .option("--sampling <way>", "bilinear or nearest", "bilinear")
    .option("--band <n>", "band with the heights", "1")
    .addHelpText(
      "after",
      "\nExample:\n  tilth terrain profile dem.tif --line '7.6,45.9;7.7,46.0' --step 50 --out profile.csv",
    )
    .action(async (input: string, _options: unknown, action: Command) => {
      const { runProfile } = await import("../terrain/run_profile.ts");
      process.exitCode = await runProfile(input, action.optsWithGlobals<ProfileArguments & GlobalOptions>());
    });
}
