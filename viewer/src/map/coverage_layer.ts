import type Layer from "ol/layer/Layer.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache, Extent } from "../api/types.ts";
import { stateOfCell, CELL_STATES, type CellState, type CoverageView } from "../state/coverage_cells.ts";
import { createCanvasLayer, type Drawing } from "./canvas_layer.ts";
import { fillState, strokeState, writeState } from "./coverage_style.ts";
import { tileExtent } from "./grid_math.ts";
import { transformBetween } from "./projections.ts";

/** A cell's outline on the map from its upper left corner: x, y, x, y ... with as many points on each of its four sides. */
type Outline = number[];

/** Cells smaller than this have no outline, and below the second no letter; CSS pixels. */
const OUTLINE_FROM_PX = 6;
const LETTER_FROM_PX = 44;

/** Cells that are drawn with bent sides, and the parts of such a side. */
const MAX_BENT_CELLS = 400;
const BENT_STEPS = 8;

export interface CoverageLayer {
  layer: Layer;
  show: (coverage: CoverageView | null, cache: Cache | null, from: Projection | null, to: Projection | null) => void;
}

/** Cells of a coverage, each with the look of its state. */
export function createCoverageLayer(): CoverageLayer {
  let cells = new Map<CellState, Outline[]>();
  const layer = createCanvasLayer("coverage", 3, (drawing) => {
    for (const state of CELL_STATES) drawCells(drawing, state, cells.get(state) ?? []);
  });
  const show: CoverageLayer["show"] = (coverage, cache, from, to) => {
    const shown = coverage !== null && cache !== null && from !== null && to !== null;
    cells = shown ? listCells(coverage, cache, transformBetween(from, to)) : new Map();
    layer.changed();
  };
  return { layer, show };
}

function listCells(
  coverage: CoverageView,
  cache: Cache,
  toMap: (coordinate: number[]) => number[],
): Map<CellState, Outline[]> {
  const cells = new Map<CellState, Outline[]>();
  const level = cache.grid.levels.find(({ z }) => z === coverage.z);
  if (level === undefined) return cells;
  const { step, columns, rows } = coverage;
  // Sides are bent on other maps; small cells need no points between.
  const steps = columns * rows <= MAX_BENT_CELLS ? BENT_STEPS : 1;
  for (let index = 0; index < columns * rows; index++) {
    const x = coverage.minX + (index % columns) * step;
    const y = coverage.minY + Math.floor(index / columns) * step;
    const [width, height] = [Math.min(step, coverage.maxX - x + 1), Math.min(step, coverage.maxY - y + 1)];
    const outline = outlineOf(tileExtent(level, x, y, width, height), steps).flatMap(toMap);
    if (!outline.every(Number.isFinite)) continue;
    const state = stateOfCell(coverage, index);
    const list = cells.get(state) ?? [];
    list.push(outline);
    cells.set(state, list);
  }
  return cells;
}

/** Clockwise from the upper left corner. */
function outlineOf([minX, minY, maxX, maxY]: Extent, steps: number): number[][] {
  const corners = [
    [minX, maxY],
    [maxX, maxY],
    [maxX, minY],
    [minX, minY],
    [minX, maxY],
  ] as [number, number][];
  return corners.slice(1).flatMap(([toX, toY], index) => {
    const [x, y] = corners[index] ?? [toX, toY];
    return Array.from({ length: steps }, (_, step) => [x + ((toX - x) * step) / steps, y + ((toY - y) * step) / steps]);
  });
}

function drawCells({ context, frame, toPixel }: Drawing, state: CellState, cells: readonly Outline[]): void {
  if (cells.length === 0) return;
  const letters: [number, number][] = [];
  let smallest = Infinity;
  context.beginPath();
  for (const outline of cells) {
    const points = Array.from({ length: outline.length / 2 }, (_, index) =>
      toPixel(outline[2 * index] ?? 0, outline[2 * index + 1] ?? 0),
    );
    points.forEach(([x, y], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.closePath();
    const [ax, ay] = points[0] ?? [0, 0];
    const [bx, by] = points[points.length / 4] ?? [0, 0];
    const [cx, cy] = points[points.length / 2] ?? [0, 0];
    const side = Math.min(Math.hypot(bx - ax, by - ay), Math.hypot(cx - bx, cy - by));
    smallest = Math.min(smallest, side);
    if (side >= LETTER_FROM_PX) letters.push([(ax + cx) / 2, (ay + cy) / 2]);
  }
  fillState(context, state, frame.pixelRatio);
  if (smallest >= OUTLINE_FROM_PX || state === "failed") strokeState(context, state);
  // Usually most tiles are there or are not: a letter in each would hide the map.
  if (state !== "missing" && state !== "present") for (const place of letters) writeState(context, state, place);
}
