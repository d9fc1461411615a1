import type { Command } from "commander";
import type { ServeArguments } from "../run_serve.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description("serve archives as map tiles on this machine")
    .argument("<files...>", ".gpkg, .mbtiles or folders; each layer becomes a cache of its own")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--port <n>", "port to listen on, 0 for any that is free (default: 8765)")
    .option("--missing <answer>", "where there is no tile: 404, 204 or blank", "404")
    .addHelpText("after", "\nExample:\n  tilth serve world.gpkg alps.mbtiles --port 8080")
    .action(async (files: string[], _options: unknown, command: Command) => {
      // The HTTP library is loaded by nobody else.
      const { runServe } = await import("../run_serve.ts");
      process.exitCode = await runServe(files, command.optsWithGlobals<ServeArguments & GlobalOptions>());
    });
}
