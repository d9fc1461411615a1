import { Command } from "commander";
import { addArchiveCommands } from "./commands/archives.ts";
import { addCatalogueCommands } from "./commands/catalogue.ts";
import { addClusterCommands } from "./commands/cluster.ts";
import { addGridsCommand } from "./commands/grids.ts";
import { addOsmCommand } from "./commands/osm.ts";
import { addRasterCommands } from "./commands/raster.ts";
import { addSeedCommand } from "./commands/seed.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTerrainCommand } from "./commands/terrain.ts";
import { VERSION } from "./version.ts";

/** The whole command line, not yet run. */
export function makeProgram(): Command {
  const program = new Command("tilth")
    .description("A piece of the Earth as files: map tiles, fetched politely and provably complete.")
    .version(VERSION)
    .option("--json", "one JSON report on stdout's last line")
    .option("--quiet", "no words for people")
    .option("--verbose", "more words for people")
    .showHelpAfterError("(tilth --help lists the commands)")
    .exitOverride();
  addSeedCommand(program);
  addArchiveCommands(program);
  addCatalogueCommands(program);
  addClusterCommands(program);
  addGridsCommand(program);
  addOsmCommand(program);
  addRasterCommands(program);
  addServeCommand(program);
  addTerrainCommand(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
