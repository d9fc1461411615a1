import { RasterSource } from "../../cache/index.ts";
import { readNamedGrid } from "../../config/index.ts";
import { TilthError } from "../../core/index.ts";
import { bboxCoverage, parseZooms, type Coverage } from "../../grid/index.ts";
import type { ElevationEncoding, OutputFormat, Raster } from "../../raster/index.ts";
import type { Resampling } from "../../reproject/index.ts";
import { seedRaster, type SeedReport } from "../../seed/index.ts";
import { openStore } from "../../store/index.ts";
import { oneOf } from "../arguments.ts";
import { showProgress } from "../progress_line.ts";
import { readPolygons } from "../read_polygons.ts";
import { exitCodeOfReport, formatReport } from "../seed_report.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName, titleOf } from "./open_inputs.ts";

export interface TileArguments {
  out?: string;
  grid: string;
  zoom?: string;
  bbox?: number[];
  coverage?: string;
  resampling?: Resampling;
  format: string;
  quality: number;
  elevation?: string;
  stretch?: readonly [number, number];
}

/** A raster as a cache of tiles. */
export async function runRasterTile(file: string, options: TileArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  await using raster = await openInput(file, { signal: stop.signal });
  const report = await tileInto(raster, titleOf(file), options, { terminal, signal: stop.signal });
  terminal.answer({ file: shownName(file), ...report, out: options.out }, formatReport(report, options));
  return exitCodeOfReport(report);
}

/** Fills the file that `--out` names with the tiles of a raster. @throws `argument.invalid` and as `seedRaster` */
export async function tileInto(
  raster: Raster,
  name: string,
  options: TileArguments & GlobalOptions,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<SeedReport> {
  if (options.out === undefined)
    throw new TilthError("argument.invalid", "expected --out FILE (.gpkg, .mbtiles or a folder)");
  const grid = await readNamedGrid(options.grid);
  const source = new RasterSource(raster, {
    grid,
    name,
    resampling: options.resampling,
    encoding: {
      format: oneOf<OutputFormat>("--format", options.format, ["png", "jpeg", "webp", "mixed"]),
      quality: options.quality,
    },
    elevation: elevationOf(options.elevation),
    stretch: options.stretch,
  });
  let stopProgress: (() => void) | null = null;
  try {
    const { id: sourceId, title, format } = source.info;
    const metadata = { title, format, sourceId };
    const store = await openStore(options.out, { mode: "write", grid, metadata, signal });
    try {
      const zooms = options.zoom === undefined ? zoomsTo(source.nativeZoom) : parseZooms(options.zoom);
      const coverage = await coverageOf(options, source);
      const onStart = (read: Parameters<typeof showProgress>[0]): void => {
        stopProgress?.();
        if (options.quiet !== true) stopProgress = showProgress(read).stop;
      };
      if (options.zoom === undefined) terminal.say(`zooms 0-${source.nativeZoom}, by the raster's resolution`);
      return await seedRaster({ source, store, coverage, zooms, onStart, signal });
    } finally {
      (stopProgress as (() => void) | null)?.();
      await store.close();
    }
  } finally {
    await source.close();
  }
}

const zoomsTo = (most: number): number[] => Array.from({ length: most + 1 }, (_, z) => z);

function elevationOf(text: string | undefined): ElevationEncoding | null {
  return text === undefined ? null : oneOf<ElevationEncoding>("--elevation", text, ["terrarium", "terrainRgb"]);
}

async function coverageOf({ bbox, coverage }: TileArguments, source: RasterSource): Promise<Coverage> {
  if (bbox !== undefined && coverage !== undefined)
    throw new TilthError("argument.invalid", "expected one area: either --bbox W,S,E,N or --coverage FILE.geojson");
  if (coverage !== undefined) return { polygons: await readPolygons(coverage) };
  return bboxCoverage(bbox ?? source.info.bounds);
}
