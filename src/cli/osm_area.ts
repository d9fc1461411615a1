import { readFile } from "node:fs/promises";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import { normalizeLonLatBbox, parseGeoJsonPolygons } from "../geo/index.ts";
import type { WantedArea } from "../osm/index.ts";

/** @throws `argument.invalid`, `bbox.invalid`, `coverage.invalid` */
export async function readOsmArea({ bbox, coverage }: { bbox?: number[]; coverage?: string }): Promise<WantedArea> {
  if (bbox !== undefined && coverage !== undefined)
    throw new TilthError("argument.invalid", "expected one area: either --bbox W,S,E,N or --coverage FILE.geojson");
  if (bbox !== undefined) return { boxes: normalizeLonLatBbox(bbox) };
  if (coverage === undefined) return null;
  try {
    return { polygons: parseGeoJsonPolygons(await readFile(coverage, "utf8")) };
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    const message = `the coverage ${coverage} cannot be read: ${messageOf(cause)}`;
    throw new TilthError("coverage.invalid", message, { cause });
  }
}
