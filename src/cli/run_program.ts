import { CommanderError } from "commander";
import { isTilthError, messageOf } from "../core/index.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { makeProgram } from "./program.ts";

/** Runs the command line; sets the exit code and never throws. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  // Whoever ends before a command has said how it went (an empty event loop, say) has not succeeded.
  process.exitCode = EXIT.error;
  process.stdout.on("error", dropUnread);
  process.stderr.on("error", dropUnread);
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
  // Anything but a TilthError is a mistake of ours: the stack helps whoever reports it.
  if (!isTilthError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  if (!argv.includes("--json")) return;
  const json = isTilthError(error) ? error.toJSON() : { code: "internal", message: messageOf(error), fields: {} };
  process.stdout.write(`${JSON.stringify({ error: json })}\n`);
}

/** Nobody reads on (`| head`): what is said from there on is dropped, and the command goes on to its end, so that its files are whole. */
function dropUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
