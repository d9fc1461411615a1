import type Layer from "ol/layer/Layer.js";
import type Projection from "ol/proj/Projection.js";
import type { Crs } from "../api/types.ts";
import { createCanvasLayer, type Drawing } from "./canvas_layer.ts";
import { projectorOf } from "./projections.ts";
import type { Path } from "./shapes.ts";
import { projectWorld, type Background, type WorldShapes } from "./world_shapes.ts";

export const BACKGROUND_ATTRIBUTION = "Background: Natural Earth";

/** Metres for one pixel below which the finer world is loaded (1:50,000,000, 110 kB). */
const FINE_BELOW_METRES = 6_000;

export interface BackgroundLayer {
  layer: Layer;
  /** Draws the world in another CRS. */
  show: (crs: Crs, projection: Projection) => Promise<void>;
}

/** Land, borders and a graticule, in whatever CRS the map has. */
export function createBackgroundLayer(): BackgroundLayer {
  let shown: { crs: Crs; projection: Projection } | null = null;
  let shapes: WorldShapes | null = null;
  let fine = false;
  const layer = createCanvasLayer("background", 0, (drawing) => {
    if (shapes !== null) drawWorld(drawing, shapes);
    const metres = drawing.frame.viewState.resolution * (shown?.projection.getMetersPerUnit() ?? 1);
    if (!fine && metres < FINE_BELOW_METRES) void refine();
  });
  const project = (background: Background): void => {
    if (shown === null) return;
    shapes = projectWorld(background, shown.crs, projectorOf(shown.projection));
    layer.changed();
  };
  const refine = async (): Promise<void> => {
    fine = true;
    project((await import("virtual:background-50m")).background);
  };
  const show = async (crs: Crs, projection: Projection): Promise<void> => {
    shown = { crs, projection };
    if (fine) return refine();
    const { background } = await import("virtual:background-110m");
    if (shown?.crs === crs && !fine) project(background);
  };
  return { layer, show };
}

function drawWorld(drawing: Drawing, shapes: WorldShapes): void {
  const { context } = drawing;
  const colours = getComputedStyle(document.documentElement);
  const fill = (paths: readonly Path[], name: string): void => {
    trace(drawing, paths);
    context.fillStyle = colours.getPropertyValue(name);
    context.fill("evenodd");
  };
  const stroke = (paths: readonly Path[], name: string, width: number): void => {
    trace(drawing, paths);
    context.strokeStyle = colours.getPropertyValue(name);
    context.lineWidth = width;
    context.stroke();
  };
  fill(shapes.sea, "--map-sea");
  stroke(shapes.graticule, "--map-graticule", 0.5);
  fill(shapes.land, "--map-land");
  stroke(shapes.borders, "--map-border", 0.7);
  stroke(shapes.coasts, "--map-coast", 0.8);
}

/** Paths that meet the view. */
function trace({ context, frame, toPixel }: Drawing, paths: readonly Path[]): void {
  const [minX = 0, minY = 0, maxX = 0, maxY = 0] = frame.extent ?? [];
  context.beginPath();
  for (const { points, box } of paths) {
    if (box[0] > maxX || box[2] < minX || box[1] > maxY || box[3] < minY) continue;
    for (let index = 0; index < points.length; index += 2) {
      const [x, y] = toPixel(points[index] ?? 0, points[index + 1] ?? 0);
      if (index === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
}
