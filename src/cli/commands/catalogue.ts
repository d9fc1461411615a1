import type { Command } from "commander";
import { getGrid, listGrids } from "../../grid/index.ts";
import { listCatalogue } from "../../source/index.ts";
import { EXIT } from "../exit_codes.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";

export function addCatalogueCommands(program: Command): void {
  program
    .command("sources")
    .description("list the sources known by name, with what their terms allow")
    .addHelpText("after", "\nExample:\n  tilth sources")
    .action((_options: unknown, command: Command) => {
      const entries = listCatalogue();
      const lines = entries.map(
        (entry) =>
          `${entry.name.padEnd(20)} bulk ${entry.bulk.padEnd(9)} zoom ${entry.minZoom}-${entry.maxZoom}  ${entry.title}; ${entry.attribution}; ${entry.termsUrl}`,
      );
      new Terminal(command.optsWithGlobals<GlobalOptions>()).answer({ sources: entries }, lines.join("\n"));
      process.exitCode = EXIT.whole;
    });
  program
    .command("grids")
    .description("list the built-in tile matrix sets")
    .addHelpText("after", "\nExample:\n  tilth grids")
    .action((_options: unknown, command: Command) => {
      const grids = listGrids()
        .map((name) => getGrid(name))
        .map(({ id, title, crs, maxZ }) => ({ id, title, crs: crs.code, zooms: maxZ + 1 }));
      const lines = grids.map(
        (grid) => `${grid.id.padEnd(20)} ${grid.crs.padEnd(12)} ${grid.zooms} levels  ${grid.title}`,
      );
      new Terminal(command.optsWithGlobals<GlobalOptions>()).answer({ grids }, lines.join("\n"));
      process.exitCode = EXIT.whole;
    });
}
