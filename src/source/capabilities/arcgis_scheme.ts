import { findCrs } from "../../crs/index.ts";
import type { ServiceMatrix, ServiceMatrixSet } from "./service_description.ts";

/** Levels that are read. */
const MAX_LEVELS = 64;

/** What both forms of a tile scheme say, the JSON and the cache's conf.xml. */
export interface ArcgisScheme {
  /** Number of the CRS; "" = only a WKT is there. */
  readonly wkid: string;
  /** Top left, x first, CRS units. */
  readonly origin: readonly [number | null, number | null];
  /** Pixels. */
  readonly rows: number;
  readonly cols: number;
  /** Resolution in CRS units for one pixel. */
  readonly lods: readonly { readonly id: string; readonly resolution: number | null }[];
}

/** A scheme has no size: columns and rows reach as far as the widest CRS does from its origin. */
export function arcgisMatrixSet(scheme: ArcgisScheme): ServiceMatrixSet {
  const { wkid, origin, lods } = scheme;
  // Numbers above 32767 that EPSG does not use are Esri's own; EPSG's are tried first because both lists share most of them.
  const crs =
    wkid === "" ? "" : findCrs(`EPSG:${wkid}`) === null && Number(wkid) > 32_767 ? `ESRI:${wkid}` : `EPSG:${wkid}`;
  const set = { id: crs === "" ? "cache" : crs, title: "ArcGIS cache", crs, link: null };
  const [x, y] = origin;
  if (x === null || y === null) return { ...set, matrices: [], problem: "it has no origin" };
  if (lods.length > MAX_LEVELS) return { ...set, matrices: [], problem: `it has more than ${MAX_LEVELS} levels` };
  const matrices = lods.flatMap(({ id, resolution }) =>
    resolution === null || resolution <= 0 || id === "" ? [] : [arcgisMatrix(id, resolution, [x, y], scheme)],
  );
  return { ...set, matrices, problem: null };
}

/** How far the tiles of a plane system may reach from its origin: the Earth's equator, metres. */
const REACH_M = 2 * 20_037_508.342_789_244;

function arcgisMatrix(
  id: string,
  cellSize: number,
  corner: readonly [number, number],
  scheme: ArcgisScheme,
): ServiceMatrix {
  const degrees = findCrs(`EPSG:${scheme.wkid}`)?.kind === "geographic";
  // Esri's own scheme in degrees begins at -400, 400.
  const width = degrees ? 180 - corner[0] : REACH_M;
  const height = degrees ? corner[1] + 90 : REACH_M;
  const tiles = (length: number, pixels: number): number => Math.max(1, Math.ceil(length / (cellSize * pixels) - 1e-6));
  return {
    id,
    scaleDenominator: null,
    cellSize,
    corner,
    cornerOrder: "xy",
    cornerOfOrigin: "topLeft",
    tileWidth: scheme.cols,
    tileHeight: scheme.rows,
    matrixWidth: tiles(width, scheme.cols),
    matrixHeight: tiles(height, scheme.rows),
  };
}
