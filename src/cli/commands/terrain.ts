import type { Command } from "commander";
import { parseStretch } from "../raster/place_arguments.ts";
import type { TerrainArguments, TerrainCommand } from "../terrain/terrain_arguments.ts";
import type { GlobalOptions } from "../terminal.ts";
import { addContoursCommand } from "./terrain_contours.ts";
import { addProfileCommand } from "./terrain_profile.ts";
import { addReclassifyCommand } from "./terrain_reclassify.ts";
import { addViewshedCommand } from "./terrain_viewshed.ts";

const GRADIENT = ["--alg <name>", "horn (rough ground) or zevenbergen-thorne (smooth ground)", "horn"] as const;
const SCALE = [
  "--scale <n>",
  "units of height in one of the CRS (default: metres by latitude for a DEM in degrees, else 1)",
] as const;

type Option = readonly [flags: string, description: string, defaultValue?: string];

/** What each command says of itself, and takes beside what all take. */
const COMMANDS: Readonly<Record<TerrainCommand, { description: string; options: readonly Option[] }>> = {
  slope: {
    description: "how steep the ground is, in degrees",
    options: [GRADIENT, SCALE, ["--percent", "in percent"]],
  },
  aspect: {
    description: "where the ground faces, in degrees clockwise from north",
    options: [
      GRADIENT,
      SCALE,
      ["--trigonometric", "counter-clockwise from east"],
      ["--zero-for-flat", "0 where the ground is level, instead of no value"],
    ],
  },
  hillshade: {
    description: "light on the ground, as greys from 1 to 255",
    options: [
      GRADIENT,
      SCALE,
      ["--azimuth <degrees>", "where the light comes from, clockwise from north", "315"],
      ["--altitude <degrees>", "of the light above the horizon", "45"],
      ["--z-factor <n>", "heights are taken so many times as high", "1"],
      ["--multidirectional", "lights from 225, 270, 315 and 360 degrees"],
      ["--combined", "darker where it is steep"],
    ],
  },
  tri: {
    description: "terrain ruggedness index: how much neighbours differ",
    options: [["--alg <name>", "riley (land) or wilson (sea floor)", "riley"]],
  },
  tpi: { description: "topographic position index: how much a cell stands above its neighbours", options: [] },
  roughness: { description: "largest less smallest height of a cell and its neighbours", options: [] },
  curvature: {
    description: "how the surface bends",
    options: [SCALE, ["--kind <name>", "profile, plan or total", "total"]],
  },
  "color-relief": {
    description: "colours of heights",
    options: [
      [
        "--colors <file>",
        "gdaldem's colour file, a GMT palette (.cpt), or a ramp: grey, land, alps, desert, sea, heat, even",
      ],
      ["--match <way>", "linear (mixed), nearest or exact", "linear"],
      ["--alpha", "a fourth band"],
    ],
  },
};

export function addTerrainCommand(program: Command): void {
  const terrain = program.command("terrain").description("slope, shade, contours and more of a DEM").exitOverride();
  for (const [name, { description, options }] of Object.entries(COMMANDS)) {
    const command = terrain.command(name).description(description).exitOverride();
    command.argument("<input>", "a DEM (GeoTIFF, ESRI ASCII grid, .hgt), its address, or a cache of elevation tiles");
    command.option("-o, --out <file>", "GeoTIFF to write, or a cache of tiles: .gpkg, .mbtiles or a folder");
    for (const option of options) command.option(...option);
    command
      .option("--compute-edges", "cells of the edge and beside gaps get a value, too")
      .option("--band <n>", "band with the heights", "1")
      .option("--cog", "a COG, with overviews")
      .option("--compression <name>", "none, deflate, lzw or zstd", "deflate")
      .option("--level <n>", "of the compression (default: 6 for deflate, 9 for zstd)")
      .option("--grid <name>", "of tiles (default: WebMercatorQuad)")
      .option("--zoom <list>", "of tiles: 4, 0-14 or 0,3,7-9 (default: from 0 to the DEM's resolution)")
      .option("--format <format>", "of tiles: png, jpeg, webp or mixed (default: png)")
      .option("--stretch <least,most>", "of tiles: results that become black and white", parseStretch)
      .action(async (input: string, _options: unknown, action: Command) => {
        const { startThreads } = await import("../raster/start_threads.ts");
        await using _threads = startThreads(input, "terrain");
        const { runTerrain } = await import("../terrain/run_terrain.ts");
        const all = action.optsWithGlobals<TerrainArguments & GlobalOptions>();
        process.exitCode = await runTerrain(name as TerrainCommand, input, all);
      });
  }
  addContoursCommand(terrain);
  addReclassifyCommand(terrain);
  addProfileCommand(terrain);
  addViewshedCommand(terrain);
}
