import type Layer from "ol/layer/Layer.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache } from "../api/types.ts";
import { stateOfCell, CELL_STATES, type CellState, type CoverageView } from "../state/coverage_cells.ts";
import { createCanvasLayer, type Drawing } from "./canvas_layer.ts";
import { fillState, strokeState, writeState } from "./coverage_style.ts";
import { tileExtent } from "./grid_math.ts";
import { transformBetween } from "./projections.ts";

/** A cell's corners on the map: x, y of the upper left, upper right, lower right, lower left one. */
type Corners = number[];

/** Cells smaller than this have no outline, and below the second no letter; CSS pixels. */
const OUTLINE_FROM_PX = 6;
const LETTER_FROM_PX = 44;

export interface CoverageLayer {
  layer: Layer;
  show: (coverage: CoverageView | null, cache: Cache | null, from: Projection | null, to: Projection | null) => void;
}

/** Cells of a coverage, each with the look of its state. */
export function createCoverageLayer(): CoverageLayer {
  let cells = new Map<CellState, Corners[]>();
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
): Map<CellState, Corners[]> {
  const cells = new Map<CellState, Corners[]>();
  const level = cache.grid.levels.find(({ z }) => z === coverage.z);
  if (level === undefined) return cells;
  const { step, columns, rows } = coverage;
  for (let index = 0; index < columns * rows; index++) {
    const x = coverage.minX + (index % columns) * step;
    const y = coverage.minY + Math.floor(index / columns) * step;
    const [width, height] = [Math.min(step, coverage.maxX - x + 1), Math.min(step, coverage.maxY - y + 1)];
    const [minX, minY, maxX, maxY] = tileExtent(level, x, y, width, height);
    const corners = [toMap([minX, maxY]), toMap([maxX, maxY]), toMap([maxX, minY]), toMap([minX, minY])].flat();
    if (!corners.every(Number.isFinite)) continue;
    const state = stateOfCell(coverage, index);
    const list = cells.get(state) ?? [];
    list.push(corners);
    cells.set(state, list);
  }
  return cells;
}

function drawCells({ context, frame, toPixel }: Drawing, state: CellState, cells: readonly Corners[]): void {
  if (cells.length === 0) return;
  const letters: [number, number][] = [];
  let smallest = Infinity;
  context.beginPath();
  for (const corners of cells) {
    const [ax, ay] = toPixel(corners[0] ?? 0, corners[1] ?? 0);
    const [bx, by] = toPixel(corners[2] ?? 0, corners[3] ?? 0);
    const [cx, cy] = toPixel(corners[4] ?? 0, corners[5] ?? 0);
    const [dx, dy] = toPixel(corners[6] ?? 0, corners[7] ?? 0);
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.lineTo(cx, cy);
    context.lineTo(dx, dy);
    context.closePath();
    const side = Math.min(Math.hypot(bx - ax, by - ay), Math.hypot(dx - ax, dy - ay));
    smallest = Math.min(smallest, side);
    if (side >= LETTER_FROM_PX) letters.push([(ax + cx) / 2, (ay + cy) / 2]);
  }
  fillState(context, state, frame.pixelRatio);
  if (smallest >= OUTLINE_FROM_PX || state === "failed") strokeState(context, state);
  if (state !== "missing") for (const place of letters) writeState(context, state, place);
}
