import { readFile } from "node:fs/promises";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import { parseGeoJsonPolygons, type Polygon } from "../geo/index.ts";

/** Polygons of a GeoJSON file. @throws `coverage.invalid` */
export async function readPolygons(path: string): Promise<Polygon[]> {
  try {
    return parseGeoJsonPolygons(await readFile(path, "utf8"));
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw new TilthError("coverage.invalid", `the coverage ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
