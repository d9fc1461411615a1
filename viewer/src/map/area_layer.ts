import type Layer from "ol/layer/Layer.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache, TileInfo } from "../api/types.ts";
import { ringsOf, type Area } from "../state/area.ts";
import { createCanvasLayer, type Drawing } from "./canvas_layer.ts";
import { tileExtent } from "./grid_math.ts";
import { transformBetween } from "./projections.ts";

/** Rings in the map's units. */
type Rings = number[][][];

export interface AreaLayer {
  layer: Layer;
  showArea: (area: Area | null, map: Projection) => void;
  showTile: (tile: TileInfo | null, cache: Cache | null, from: Projection | null, map: Projection) => void;
}

/** The area of the next job, and the outline of the tile that is looked into. */
export function createAreaLayer(): AreaLayer {
  let [area, tile]: [Rings, Rings] = [[], []];
  const layer = createCanvasLayer("area", 4, (drawing) => {
    traceRings(drawing, area);
    drawing.context.fillStyle = "rgba(0,114,178,0.10)";
    drawing.context.fill("evenodd");
    outline(drawing.context, "#0072b2", [7, 4]);
    traceRings(drawing, tile);
    outline(drawing.context, "#c02f8a", []);
  });
  return {
    layer,
    showArea: (next, map) => {
      const toMap = transformBetween("EPSG:4326", map);
      area = next === null ? [] : ringsOf(next).map((ring) => ring.map((position) => toMap([...position])));
      layer.changed();
    },
    showTile: (next, cache, from, map) => {
      const level = cache?.grid.levels.find(({ z }) => z === next?.z);
      tile =
        next === null || level === undefined || from === null
          ? []
          : [tileRing(tileExtent(level, next.x, next.y), from, map)];
      layer.changed();
    },
  };
}

/** Points along each side of a tile: its edges are bent on other maps. */
const SIDE_STEPS = 8;

function tileRing([minX, minY, maxX, maxY]: readonly number[], from: Projection, map: Projection): number[][] {
  const toMap = transformBetween(from, map);
  const corners = [
    [minX, maxY],
    [maxX, maxY],
    [maxX, minY],
    [minX, minY],
    [minX, maxY],
  ] as [number, number][];
  return corners.slice(1).flatMap(([x, y], index) => {
    const [fromX, fromY] = corners[index] ?? [x, y];
    return Array.from({ length: SIDE_STEPS }, (_, step) =>
      toMap([fromX + ((x - fromX) * step) / SIDE_STEPS, fromY + ((y - fromY) * step) / SIDE_STEPS]),
    );
  });
}

function traceRings({ context, toPixel }: Drawing, rings: Rings): void {
  context.beginPath();
  for (const ring of rings) {
    ring.forEach(([x = 0, y = 0], index) => {
      const [px, py] = toPixel(x, y);
      if (index === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    });
    context.closePath();
  }
}

/** A light line below the coloured one, so that it shows on any tile. */
function outline(context: CanvasRenderingContext2D, colour: string, dash: number[]): void {
  context.setLineDash([]);
  context.strokeStyle = "rgba(255,255,255,0.9)";
  context.lineWidth = 4;
  context.stroke();
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
}
