import { bboxIntersects, polygonBounds, type LonLatBbox } from "../../geo/index.ts";
import { TilthError } from "../../core/index.ts";
import { EXTRACT } from "./advice.ts";
import type { WantedArea } from "../import/feature_plan.ts";

/** Square kilometres that are fetched at the most: for more, an extract is quicker for everybody. */
export const MAX_AREA_KM2 = 5000;
/** Cells smaller than this, degrees, are not cut: 1e-5 is a metre. */
export const MIN_CELL_DEGREES = 1e-4;

const KM_PER_DEGREE = 111.32;

/** The boxes to begin with: those of the area, or around each polygon. @throws `osm.areaTooLarge`, `argument.invalid` without an area */
export function firstCells(area: WantedArea): LonLatBbox[] {
  if (area === null)
    throw new TilthError(
      "argument.invalid",
      "expected an area for an Overpass service: --bbox W,S,E,N or --coverage FILE.geojson; or an extract: --from FILE",
    );
  const boxes = "boxes" in area ? [...area.boxes] : mergeOverlapping(area.polygons.map(polygonBounds));
  const areaKm2 = boxes.reduce((sum, box) => sum + boxAreaKm2(box), 0);
  if (areaKm2 <= MAX_AREA_KM2) return boxes;
  throw new TilthError(
    "osm.areaTooLarge",
    `expected an area of at most ${MAX_AREA_KM2} km2 for an Overpass service, got ${Math.round(areaKm2)} km2; ${EXTRACT}`,
    { fields: { areaKm2, maxAreaKm2: MAX_AREA_KM2 } },
  );
}

/** Four quarters, west before east, south before north. */
export function quarters([west, south, east, north]: LonLatBbox): LonLatBbox[] {
  const [x, y] = [(west + east) / 2, (south + north) / 2];
  return [
    [west, south, x, y],
    [x, south, east, y],
    [west, y, x, north],
    [x, y, east, north],
  ];
}

/** Whether a cell may hold anything that is wanted; a box's own cells always may. */
export function mayTouch(cell: LonLatBbox, area: WantedArea): boolean {
  if (area === null || "boxes" in area) return true;
  return area.polygons.some((polygon) => bboxIntersects(cell, polygonBounds(polygon)));
}

export function boxAreaKm2([west, south, east, north]: LonLatBbox): number {
  const middle = ((south + north) / 2) * (Math.PI / 180);
  return (east - west) * KM_PER_DEGREE * Math.cos(middle) * (north - south) * KM_PER_DEGREE;
}

/** Boxes that share an area are fetched as one. */
function mergeOverlapping(boxes: readonly LonLatBbox[]): LonLatBbox[] {
  const merged: LonLatBbox[] = [];
  for (const box of boxes) {
    let grown = box;
    for (let i = merged.findIndex((other) => bboxIntersects(grown, other)); i !== -1;) {
      const [other] = merged.splice(i, 1) as [LonLatBbox];
      grown = [
        Math.min(grown[0], other[0]),
        Math.min(grown[1], other[1]),
        Math.max(grown[2], other[2]),
        Math.max(grown[3], other[3]),
      ];
      i = merged.findIndex((each) => bboxIntersects(grown, each));
    }
    merged.push(grown);
  }
  return merged;
}
