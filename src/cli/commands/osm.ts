import type { Command } from "commander";
import { parseBbox } from "../arguments.ts";
import type { OsmArguments } from "../osm_arguments.ts";
import type { GlobalOptions } from "../terminal.ts";

const collect = (value: string, all: string[]): string[] => [...all, value];

export function addOsmCommand(program: Command): void {
  program
    .command("osm")
    .description("OpenStreetMap features of an area, from an extract or an Overpass service, as tables")
    .option("--bbox <W,S,E,N>", "area as lon/lat degrees; W greater than E crosses the antimeridian", parseBbox)
    .option("--coverage <file>", "area as polygons in a GeoJSON file")
    .option("--from <file>", "an extract: .osm.pbf, .osm or .osm.gz (XML), .json (Overpass)")
    .option("--tags <list>", "what is wanted: building,highway,natural=water|wetland (default: everything)")
    .option("-o, --out <file>", ".gpkg (also beside tiles), .geojson, .geojsonl or .fgb")
    .option("--layers <scheme>", "tables by theme (building_polygons) or by geometry (polygons)", "theme")
    .option("--clip <strategy>", "at the edge of the area: smart (all whole), complete-ways or simple", "smart")
    .option("--crs <code>", "coordinate reference system of the file, e.g. EPSG:2056 (default: lon/lat)")
    .option(
      "--overpass <url>",
      "interpreter to ask (default: https://overpass-api.de/api/interpreter); again for one to ask when the first is overloaded",
      collect,
      [],
    )
    .option("--cache <folder>", "where answers rest (default: ~/.cache/tilth/overpass)")
    .option("--cache-age <duration>", "older answers are fetched again", "24h")
    .option("--timeout <duration>", "for which the service may work on one query", "180s")
    .option(
      "--cluster <url>",
      "postgres://USER@HOST/DATABASE of machines that ask the same service: one of them at a time",
    )
    .option("--user-agent <text>", "names you to the service (default: Tilth with TILTH_CONTACT)")
    .option("--sea", "polygons of the sea out of coastlines, within the area")
    .addHelpText(
      "after",
      `
Examples:
  tilth osm --from monaco.osm.pbf --out monaco.gpkg
  tilth osm --from alps.osm.pbf --bbox 7.4,46.9,7.5,47 --tags building,highway --out bern.gpkg
  tilth osm --bbox 7.42,43.73,7.43,43.74 --tags building --out monaco.gpkg`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<OsmArguments & GlobalOptions>();
      const { startOsmThreads } = await import("../start_osm_threads.ts");
      await using threads = startOsmThreads(options.from, options.out);
      const { runOsm } = await import("../run_osm.ts");
      process.exitCode = await runOsm(options, threads);
    });
}
