import { TilthError } from "../../core/index.ts";
import { normalizeLonLatBbox, type Bbox } from "../../geo/index.ts";
import { clipRaster, type Raster } from "../../raster/index.ts";
import { cutRaster, rectOfBbox, rectOfExtent } from "../../reproject/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { readPolygons } from "../read_polygons.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

export interface ClipArguments extends WriteArguments {
  bbox?: number[];
  extent?: Bbox;
  coverage?: string;
  nodata?: number;
}

/** A part of a raster, pixel for pixel. */
export async function runRasterClip(file: string, options: ClipArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  await using source = await openInput(file, { signal: stop.signal });
  await using clipped = await clip(source, options);
  return await writeResult(terminal, clipped, options, stop.signal, { file: shownName(file) });
}

async function clip(source: Raster, { bbox, extent, coverage, nodata }: ClipArguments): Promise<Raster> {
  const given = [bbox, extent, coverage].filter((value) => value !== undefined).length;
  if (given !== 1)
    throw new TilthError(
      "argument.invalid",
      "expected one area: --bbox W,S,E,N, --coverage FILE.geojson or --extent minX,minY,maxX,maxY in units of the raster's CRS",
    );
  if (coverage !== undefined) return cutRaster(source, await readPolygons(coverage), nodata);
  if (extent !== undefined) return clipRaster(source, rectOfExtent(source.info, extent));
  return clipRaster(source, rectOfBbox(source.info, singleBox(bbox ?? [])));
}

function singleBox(bbox: readonly number[]): Bbox {
  const [box, ...more] = normalizeLonLatBbox(bbox);
  if (box !== undefined && more.length === 0) return box;
  throw new TilthError("bbox.invalid", "expected a box that does not cross the antimeridian: give --extent instead");
}
