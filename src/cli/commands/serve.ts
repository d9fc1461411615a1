import { Option, type Command } from "commander";
import type { ServeArguments } from "../run_serve.ts";
import type { GlobalOptions } from "../terminal.ts";

const collect = (value: string, all: string[]): string[] => [...all, value];

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description("serve archives as map tiles, run jobs, and show both on a page")
    .argument("[files...]", ".gpkg, .mbtiles or folders; each layer becomes a cache of its own")
    .option("--config <file>", "tilth.yaml: caches with sources, limits")
    .option("--data <folder>", "where jobs and the files they fill rest; without it there are no jobs")
    .addOption(
      new Option(
        "--cluster <url>",
        "postgres://USER@HOST/DATABASE: show and steer the seeds of a cluster, on the page and in /metrics",
      ).env("TILTH_CLUSTER"),
    )
    .option("--host <address>", "address to listen on (default: 127.0.0.1; another one needs a token)")
    .option("--port <n>", "port to listen on, 0 for any that is free (default: 8765)")
    .option("--token <text>", "asked of whoever comes (better: the environment variable TILTH_TOKEN)")
    .option("--reader-token <text>", "for people who only look (TILTH_READER_TOKEN)")
    .option(
      "--allow-host <host>",
      "host that URLs in jobs may name: host, host:port, *.example.org; again for more",
      collect,
      [],
    )
    .option(
      "--allow-private <cidr>",
      "private addresses that those hosts may have, 10.1.0.0/16; again for more",
      collect,
      [],
    )
    .option(
      "--trust-proxy <address>",
      "proxy before this server whose X-Forwarded headers are believed: address, block or loopback; again for more",
      collect,
      [],
    )
    .option("--missing <answer>", "where there is no tile: 404, 204 or blank (default: 404)")
    .option("--no-enlarge", "below the deepest level there are no tiles")
    .option("--on-restart <way>", "jobs that were running when the server ended: resume or pause (default: resume)")
    .addHelpText(
      "after",
      "\nExamples:\n  tilth serve world.gpkg alps.mbtiles --port 8080\n  tilth serve --config tilth.yaml --data ./data",
    )
    .action(async (files: string[], _options: unknown, command: Command) => {
      // The HTTP library is loaded by nobody else.
      const { runServe } = await import("../run_serve.ts");
      process.exitCode = await runServe(files, command.optsWithGlobals<ServeArguments & GlobalOptions>());
    });
}
