import { Command, CommanderError } from "commander";
import { isTilthError, messageOf } from "../core/index.ts";
import { addArchiveCommands } from "./commands/archives.ts";
import { addCatalogueCommands } from "./commands/catalogue.ts";
import { addSeedCommand } from "./commands/seed.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { VERSION } from "./version.ts";

function makeProgram(): Command {
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
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Runs the command line; sets the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.whole : EXIT.usage;
    else reportError(error, argv);
  }
}

function reportError(error: unknown, argv: readonly string[]): void {
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`tilth: ${messageOf(error)}\n`);
  if (!isTilthError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  if (argv.includes("--json")) {
    const json = isTilthError(error) ? error.toJSON() : { code: "internal", message: messageOf(error), fields: {} };
    process.stdout.write(`${JSON.stringify({ error: json })}\n`);
  }
}

await main(process.argv);
