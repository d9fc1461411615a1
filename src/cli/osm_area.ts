import { TilthError } from "../core/index.ts";
import { normalizeLonLatBbox } from "../geo/index.ts";
import type { WantedArea } from "../osm/index.ts";
import { readPolygons } from "./read_polygons.ts";

/** @throws `argument.invalid`, `bbox.invalid`, `coverage.invalid` */
export async function readOsmArea({ bbox, coverage }: { bbox?: number[]; coverage?: string }): Promise<WantedArea> {
  if (bbox !== undefined && coverage !== undefined)
    throw new TilthError("argument.invalid", "expected one area: either --bbox W,S,E,N or --coverage FILE.geojson");
  if (bbox !== undefined) return { boxes: normalizeLonLatBbox(bbox) };
  if (coverage === undefined) return null;
  return { polygons: await readPolygons(coverage) };
}
