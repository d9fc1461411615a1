import { TilthError } from "../../core/index.ts";
import { getCrs, type Crs } from "../../crs/index.ts";
import {
  openFeatureWriter,
  type FeatureFileSummary,
  type FeatureLayer,
  type FeatureProvenance,
} from "../../feature/index.ts";
import type { Raster } from "../../raster/index.ts";
import { listContours, type ContourCounts, type ContourOptions } from "./list_contours.ts";

export interface ContourFileOptions extends ContourOptions {
  /** Of the DEM, where its file names none. */
  readonly inputCrs?: Crs;
  /** Of the file. @default the DEM's; of GeoJSON lon/lat, for it knows nothing else */
  readonly crs?: Crs;
  readonly provenance: FeatureProvenance;
  /** Who must be named. @default "" */
  readonly attribution?: string;
}

export interface ContourSummary extends ContourCounts {
  readonly file: FeatureFileSummary;
}

/** The layer `contour`: lines with `elev`, or areas with `elevMin` and `elevMax`, which are null beyond the ends of a list of levels. */
export function contourLayer(polygons: boolean): FeatureLayer {
  const column = (name: string, description: string) => ({ name, type: "real", description }) as const;
  return {
    name: "contour",
    title: polygons ? "Areas between levels" : "Contour lines",
    description: polygons ? "Areas whose heights lie between two levels" : "Lines of equal height",
    geometry: polygons ? "multiPolygon" : "line",
    columns: polygons
      ? [
          column("elevMin", "lower level, in the DEM's unit of height"),
          column("elevMax", "upper level, in the DEM's unit of height"),
        ]
      : [column("elev", "height, in the DEM's unit of height")],
    tagKeys: [],
  };
}

/**
 * Contours of a DEM into a file of features: GeoPackage, GeoJSON, FlatGeobuf, by its name. It has its name when it is whole.
 * @throws what `listContours` and `openFeatureWriter` throw; `crs.unknown` for a DEM without a CRS
 */
export async function writeContours(
  path: string,
  raster: Raster,
  options: ContourFileOptions,
): Promise<ContourSummary> {
  const { polygons = false, provenance, attribution = "", signal } = options;
  const batchCrs = requireCrs(raster, options.inputCrs);
  const crs = options.crs ?? (/\.(?:geojsonl?|geojsons|ndjson)$/i.test(path) ? getCrs("OGC:CRS84") : batchCrs);
  // Before a file is begun.
  const contours = listContours(raster, options);
  await using writer = await openFeatureWriter(path, {
    layers: [contourLayer(polygons)],
    crs,
    batchCrs,
    attribution,
    provenance,
    signal,
  });
  for (;;) {
    const next = await contours.next();
    if (next.done === true) return { ...next.value, file: await writer.finish() };
    await writer.write(next.value);
  }
}

function requireCrs({ info }: Raster, given: Crs | undefined): Crs {
  const crs = given ?? info.crs;
  if (crs !== null) return crs;
  throw new TilthError(
    "crs.unknown",
    `expected a DEM whose file names its CRS, got none (${info.crsNote}); say which it is (inputCrs, --input-crs)`,
  );
}
