import type { Command } from "commander";
import { collectPairs } from "../arguments.ts";
import type { SourcesArguments } from "../run_sources.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addCatalogueCommands(program: Command): void {
  program
    .command("sources")
    .alias("source")
    .description("list the sources known by name, show what a service offers, or keep one under a name")
    .argument("[action]", "list, show or add", "list")
    .argument(
      "[target]",
      "for show: a name, or the URL or file of capabilities and the like; for add: that URL or file",
    )
    .option("--name <name>", "name to keep the source under (default: made of the layer or the title)")
    .option("--layer <name>", "layer of the service")
    .option("--style <name>", "style of the layer")
    .option("--matrix-set <name>", "tile matrix set of the layer")
    .option("--format <format>", "image format: png, jpeg, webp, or a MIME type")
    .option("--dimension <key=value>", "dimension of the layer, e.g. time=2026-01-01; repeatable", collectPairs, {})
    .option(
      "--header <key=value>",
      "header to send; repeatable; ${NAME} is taken from the environment",
      collectPairs,
      {},
    )
    .option("--timeout <duration>", "time for one attempt, e.g. 30s", "30s")
    .option("--user-agent <text>", "names you to the service (default: Tilth with TILTH_CONTACT)")
    .addHelpText(
      "after",
      `
Examples:
  tilth sources
  tilth sources show 'https://maps.example.org/wmts?service=WMTS&request=GetCapabilities'
  tilth sources show capabilities.xml --layer relief
  tilth sources add 'https://maps.example.org/wms?service=WMS&key=\${MAPS_KEY}' --layer relief --name relief`,
    )
    .action(async (action: string, target: string | undefined, _options: unknown, command: Command) => {
      const { runSources } = await import("../run_sources.ts");
      process.exitCode = await runSources(action, target, command.optsWithGlobals<SourcesArguments & GlobalOptions>());
    });
}
