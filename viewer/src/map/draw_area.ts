// Loaded when somebody draws: the rest of the page needs no vector layers.
import type OlMap from "ol/Map.js";
import type Polygon from "ol/geom/Polygon.js";
import Draw, { createBox } from "ol/interaction/Draw.js";
import type Projection from "ol/proj/Projection.js";
import type { Area } from "../state/area.ts";
import { boxOf, roundDegrees } from "./lon_lat_box.ts";
import { toLonLat } from "./projections.ts";

/** Steps along a drawn edge: it is straight on this map, and bent in degrees. */
const EDGE_STEPS = 16;

/** Lets one area be drawn. @returns what ends it */
export function drawArea(map: OlMap, mode: "box" | "polygon", onDrawn: (area: Area) => void): () => void {
  const draw = new Draw(mode === "box" ? { type: "Circle", geometryFunction: createBox() } : { type: "Polygon" });
  draw.on("drawend", ({ feature }) => {
    const ring = (feature.getGeometry() as Polygon).getCoordinates()[0] ?? [];
    onDrawn(areaOf(ring, mode, map.getView().getProjection()));
  });
  map.addInteraction(draw);
  return () => {
    map.removeInteraction(draw);
  };
}

/** A box where the map's edges run along meridians and parallels, else a polygon that follows them. */
function areaOf(ring: readonly number[][], mode: "box" | "polygon", projection: Projection): Area {
  const straight = ["EPSG:3857", "EPSG:4326"].includes(projection.getCode());
  if (mode === "box" && straight) return { kind: "box", box: boxOf(ring.map((place) => toLonLat(place, projection))) };
  const dense = ring.slice(1).flatMap((to, index) => divide(ring[index] ?? to, to));
  const first = ring[0] ?? [0, 0];
  const positions = [...dense, first].map((place) => toLonLat(place, projection).map(roundDegrees));
  return { kind: "polygon", geojson: { type: "Polygon", coordinates: [positions] }, title: "drawn on the map" };
}

function divide([fromX = 0, fromY = 0]: readonly number[], [x = 0, y = 0]: readonly number[]): number[][] {
  return Array.from({ length: EDGE_STEPS }, (_, step) => [
    fromX + ((x - fromX) * step) / EDGE_STEPS,
    fromY + ((y - fromY) * step) / EDGE_STEPS,
  ]);
}
