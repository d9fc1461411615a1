import type { LevelLadder } from "./level_ladder.ts";
import { placeKey, PLACES } from "./node_keys.ts";
import { NO_CELL, type Square } from "./square.ts";

/** Heights of one row of cells with one more on each side, and their ranks; NaN and 0 where there is no height. */
export interface LadderRow {
  readonly heights: Float64Array;
  readonly ranks: Int32Array;
}

export function emptyRow(width: number): LadderRow {
  return { heights: new Float64Array(width + 2).fill(Number.NaN), ranks: new Int32Array(width + 2) };
}

export function fillRow({ heights, ranks }: LadderRow, line: Float64Array, ladder: LevelLadder): void {
  heights.set(line, 1);
  for (let i = 1; i <= line.length; i++) ranks[i] = Number.isNaN(heights[i]) ? 0 : ladder.rankOf(heights[i] as number);
}

/** Squares between the middles of two rows of cells. */
export interface SquareRow {
  readonly upper: LadderRow;
  readonly lower: LadderRow;
  /** Of the lower one; the first of the raster is 0. */
  readonly row: number;
  /** Nothing lies above, or below: areas end along the middles of the cells. */
  readonly isCutAbove: boolean;
  readonly isCutBelow: boolean;
}

/** Columns and rows of a square's corners from its upper left one. */
const [DX, DY] = [
  [0, 0, 1, 1],
  [0, 1, 1, 0],
] as const;

/** The square right of a column of cells. @returns how many of its corners have no height */
export function setSquare(square: Square, { upper, lower, row, isCutAbove, isCutBelow }: SquareRow, x: number): number {
  let gaps = 0;
  square.isQuarter = false;
  for (let i = 0; i < 4; i++) {
    const column = x + (DX[i] as number);
    const isLower = DY[i] as number;
    const from = isLower === 1 ? lower : upper;
    const height = from.heights[column] as number;
    if (height !== height) gaps++;
    square.heights[i] = height;
    square.ranks[i] = from.ranks[column] as number;
    square.cells[i] = 2 * column + isLower;
    square.x[i] = column - 0.5;
    square.y[i] = row - 0.5 + isLower;
    square.cornerPlaces[i] = placeKey(PLACES.cell, row + isLower, column);
    square.isSpoke[i] = square.isBorder[i] = 0;
  }
  square.edgePlaces[0] = placeKey(PLACES.vertical, row, x);
  square.edgePlaces[1] = placeKey(PLACES.horizontal, row + 1, x);
  square.edgePlaces[2] = placeKey(PLACES.vertical, row, x + 1);
  square.edgePlaces[3] = placeKey(PLACES.horizontal, row, x);
  square.isBorder[1] = isCutBelow ? 1 : 0;
  square.isBorder[3] = isCutAbove ? 1 : 0;
  return gaps;
}

/**
 * The quarter at a corner with a height, of a square that lacks some: half a cell further the height is the same, the centre has the mean (GDAL's
 * alg/marching_squares/square.h).
 */
export function setQuarter(quarter: Square, whole: Square, corner: number, row: number, ladder: LevelLadder): void {
  const column = (whole.cells[0] as number) >> 1;
  const [after, opposite, before] = [(corner + 1) & 3, (corner + 2) & 3, (corner + 3) & 3];
  quarter.isQuarter = true;
  copyCorner(quarter, whole, corner);
  setMiddle(quarter, whole, { at: after, edge: corner, row, column, ladder });
  setMiddle(quarter, whole, { at: before, edge: before, row, column, ladder });
  setCentre(quarter, whole, { corner, opposite, row, column, ladder });
  for (const edge of [corner, before]) {
    quarter.edgePlaces[edge] = whole.edgePlaces[edge] as number;
    quarter.isBorder[edge] = whole.isBorder[edge] as number;
    quarter.isSpoke[edge] = 0;
  }
  setSpoke(quarter, after, placeKey(PLACES.spoke + corner, row, column), isGap(whole, after));
  setSpoke(quarter, opposite, placeKey(PLACES.spoke + before, row, column), isGap(whole, before));
}

function isGap({ heights }: Square, corner: number): boolean {
  return Number.isNaN(heights[corner]);
}

function copyCorner(quarter: Square, whole: Square, corner: number): void {
  for (const part of ["x", "y", "heights", "ranks", "cells", "cornerPlaces"] as const)
    quarter[part][corner] = whole[part][corner] as number;
}

interface Middle {
  readonly at: number;
  readonly edge: number;
  readonly row: number;
  readonly column: number;
  readonly ladder: LevelLadder;
}

function setMiddle(quarter: Square, whole: Square, { at, edge, row, column, ladder }: Middle): void {
  const next = (edge + 1) & 3;
  const [from, to] = [whole.heights[edge] as number, whole.heights[next] as number];
  const height = Number.isNaN(from) ? to : Number.isNaN(to) ? from : 0.5 * (from + to);
  const isVertical = edge === 0 || edge === 2;
  const place = isVertical
    ? placeKey(PLACES.middleOfVertical, row, column + (edge === 2 ? 1 : 0))
    : placeKey(PLACES.middleOfHorizontal, row + (edge === 1 ? 1 : 0), column);
  const x = 0.5 * ((whole.x[edge] as number) + (whole.x[next] as number));
  setCorner(quarter, at, {
    x,
    y: 0.5 * ((whole.y[edge] as number) + (whole.y[next] as number)),
    height,
    place,
    ladder,
  });
}

/** Where two quarters meet in the centre alone, each has a centre of its own. */
function setCentre(
  quarter: Square,
  whole: Square,
  {
    corner,
    opposite,
    row,
    column,
    ladder,
  }: { corner: number; opposite: number; row: number; column: number; ladder: LevelLadder },
): void {
  let [sum, count] = [0, 0];
  for (const height of whole.heights)
    if (!Number.isNaN(height)) {
      sum += height;
      count++;
    }
  const isDiagonal = count === 2 && !isGap(whole, opposite);
  const place = placeKey(PLACES.centre + (isDiagonal ? corner : 0), row, column);
  const [x, y] = [(whole.x[0] as number) + 0.5, (whole.y[0] as number) + 0.5];
  setCorner(quarter, opposite, { x, y, height: sum / count, place, ladder });
}

interface CornerValues {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly place: number;
  readonly ladder: LevelLadder;
}

function setCorner(quarter: Square, at: number, { x, y, height, place, ladder }: CornerValues): void {
  quarter.x[at] = x;
  quarter.y[at] = y;
  quarter.heights[at] = height;
  quarter.ranks[at] = ladder.rankOf(height);
  quarter.cells[at] = NO_CELL;
  quarter.cornerPlaces[at] = place;
}

function setSpoke(quarter: Square, edge: number, place: number, isBorder: boolean): void {
  quarter.edgePlaces[edge] = place;
  quarter.isSpoke[edge] = 1;
  quarter.isBorder[edge] = isBorder ? 1 : 0;
}
