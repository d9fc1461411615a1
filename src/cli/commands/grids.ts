import type { Command } from "commander";
import type { GridsArguments } from "../run_grids.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addGridsCommand(program: Command): void {
  program
    .command("grids")
    .alias("grid")
    .description("list the tile matrix sets known by name, or show the levels of one")
    .argument("[action]", "list or show", "list")
    .argument("[target]", "for show: a name, a CRS such as EPSG:2154, or a file (2D TMS, or parts of a grid)")
    .option("--tile-size <pixels>", "pixels of a tile; the tiles stay where they are", Number)
    .addHelpText(
      "after",
      `
Examples:
  tilth grids
  tilth grids show EuropeanETRS89_LAEAQuad
  tilth grids show EPSG:2154 --json > lambert93.json
  tilth grids show my-grid.json`,
    )
    .action(async (action: string, target: string | undefined, _options: unknown, command: Command) => {
      const { runGrids } = await import("../run_grids.ts");
      process.exitCode = await runGrids(action, target, command.optsWithGlobals<GridsArguments & GlobalOptions>());
    });
}
