import type { Command } from "commander";
import { parseBbox } from "../arguments.ts";
import type { CleanupArguments } from "../run_cleanup.ts";
import type { RepairArguments } from "../run_repair.ts";
import type { VerifyArguments } from "../run_verify.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addArchiveCommands(program: Command): void {
  program
    .command("info")
    .description("describe an archive: grid, zooms, counts, tasks")
    .argument("<file>", ".gpkg, .mbtiles or a folder")
    .option("--layer <name>", "tile table, where there are several")
    .addHelpText("after", "\nExample:\n  tilth info world.gpkg")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runInfo } = await import("../run_info.ts");
      process.exitCode = await runInfo(file, command.optsWithGlobals<{ layer?: string } & GlobalOptions>());
    });
  program
    .command("verify")
    .description("prove an archive from itself: container, hashes, images, and that every seeded area is complete")
    .argument("<file>", ".gpkg, .mbtiles or a folder")
    .option("--layer <name>", "tile table, where there are several")
    .option("--no-decode", "do not decode the images")
    .addHelpText("after", "\nExample:\n  tilth verify world.gpkg --json")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runVerify } = await import("../run_verify.ts");
      process.exitCode = await runVerify(file, command.optsWithGlobals<VerifyArguments & GlobalOptions>());
    });
  program
    .command("repair")
    .description("fetch exactly what is damaged or missing")
    .argument("<file>", ".gpkg, .mbtiles or a folder")
    .option("--source <source>", "where to fetch from (default: the source that the file names)")
    .option("--concurrency <n|auto>", "requests at a time", "auto")
    .addHelpText("after", "\nExample:\n  tilth repair world.gpkg")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRepair } = await import("../run_repair.ts");
      process.exitCode = await runRepair(file, command.optsWithGlobals<RepairArguments & GlobalOptions>());
    });
  program
    .command("cleanup")
    .description("forget tiles by age or place")
    .argument("<file>", ".gpkg, .mbtiles or a folder")
    .option("--older <age>", "tiles fetched longer ago than this, e.g. 90d")
    .option("--outside <W,S,E,N>", "tiles that share nothing with this box", parseBbox)
    .addHelpText("after", "\nExample:\n  tilth cleanup world.gpkg --older 90d")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runCleanup } = await import("../run_cleanup.ts");
      process.exitCode = await runCleanup(file, command.optsWithGlobals<CleanupArguments & GlobalOptions>());
    });
}
