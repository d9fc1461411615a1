import type { Command } from "commander";
import { collectPairs, parseBbox } from "../arguments.ts";
import type { SeedArguments } from "../seed_arguments.ts";
import type { GlobalOptions } from "../terminal.ts";

export function addSeedCommand(program: Command): void {
  program
    .command("seed")
    .description("fetch every tile of an area into one file")
    .argument("<source>", "URL template, catalogue name, TileJSON, WMS, WMTS or ArcGIS URL, or a local archive")
    .option("--bbox <W,S,E,N>", "area as lon/lat degrees; W greater than E crosses the antimeridian", parseBbox)
    .option("--coverage <file>", "area as polygons in a GeoJSON file")
    .option("--zoom <list>", "zooms: 4, 0-14 or 0,3,7-9")
    .option("-o, --out <file>", ".gpkg, .mbtiles or a folder")
    .option(
      "--grid <name>",
      "grid of the result: a name, EPSG:n or a file (default: the source's); other tiles are warped",
    )
    .option("--source-grid <name>", "grid of a URL template, when it is not WebMercatorQuad")
    .option("--resampling <method>", "of warped tiles: nearest, bilinear, cubic, lanczos, average", "bilinear")
    .option("--quality <n>", "of warped JPEG and WebP, 1-100", Number, 85)
    .option("--effort <n>", "of the encoder of warped tiles, 1 (fast) to 9 (small)", Number, 3)
    .option("--elevation <encoding>", "tiles hold metres: terrarium or terrainRgb; they are warped as such")
    .option("--layer <name>", "layer of the service or archive")
    .option("--style <name>", "style of the service")
    .option("--matrix-set <name>", "tile matrix set of the service")
    .option("--dimension <key=value>", "dimension of the service, e.g. time=2026-01-01; repeatable", collectPairs, {})
    .option("--tile-size <px>", "256 or 512", Number)
    .option("--min-zoom <n>", "first zoom that the source serves", Number)
    .option("--max-zoom <n>", "last zoom that the source serves", Number)
    .option("--tms", "rows of the URL count from the bottom")
    .option("--subdomains <list>", "values for {s}, comma separated")
    .option("--format <format>", "png, jpeg, webp: asked of a WMS, WMTS or ArcGIS service; of warped tiles also mixed")
    .option("--concurrency <n|auto>", "requests at a time", "auto")
    .option("--rate <n/s>", "requests a second at the most, e.g. 20/s or 600/min")
    .option("--timeout <duration>", "time for one attempt, e.g. 30s", "30s")
    .option("--retries <n>", "further attempts for a tile", Number, 5)
    .option(
      "--header <key=value>",
      "header to send; repeatable; ${NAME} is taken from the environment",
      collectPairs,
      {},
    )
    .option("--user-agent <text>", "names you to the service (default: Tilth with TILTH_CONTACT)")
    .option("--refresh <age>", "fetch tiles older than this again, e.g. 30d")
    .option("--failed <file>", "write failed tiles there, as JSON lines")
    .option("--retry-failed <file>", "fetch only the tiles of such a list")
    .option("--dry-run", "count the tiles and estimate bytes and time; nothing is written")
    .option("--cluster <url>", "submit it to the workers of this PostgreSQL database; ?layer=NAME names the cache")
    .option("--block-tiles <n>", "tiles of one worker's portion (default: about 40 s of work)", Number)
    .option("--lock-timeout <duration>", "wait this long while another process writes the file", "0s")
    .addHelpText(
      "after",
      `
Examples:
  tilth seed 'https://tiles.example.org/{z}/{x}/{y}.png' --bbox 5.9,45.8,10.5,47.8 --zoom 0-12 --out alps.gpkg
  tilth seed world.mbtiles --coverage city.geojson --zoom 0-14 --out city.gpkg
  tilth seed 'https://maps.example.org/wms?service=WMS' --layer relief --bbox 5,45,6,46 --zoom 8-12 --out relief.gpkg`,
    )
    .action(async (source: string, _options: unknown, command: Command) => {
      const { runSeedCommand } = await import("../run_seed_command.ts");
      process.exitCode = await runSeedCommand(source, command.optsWithGlobals<SeedArguments & GlobalOptions>());
    });
}
