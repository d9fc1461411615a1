import { TilthError } from "../../core/index.ts";
import { positionAt, type LineMeasure, type Position, type Stretch } from "./line_measure.ts";

/** A place on a line. */
export interface LinePlace {
  /** Of the list of lines. */
  readonly line: number;
  /** From the beginning of the line. */
  readonly distance: number;
  readonly position: Position;
}

/** Places of one profile, at most. */
export const MAX_PLACES = 10_000_000;
/** Positions of all lines, at most. */
export const MAX_POSITIONS = 1_000_000;

/** @throws `argument.invalid` for a line of less than two positions, one that is no number, a step that is none, and for too much */
export function checkLines(lines: readonly (readonly Position[])[], step: number, measure: LineMeasure): void {
  const positions = lines.reduce((sum, line) => sum + line.length, 0);
  const isFine = lines.length > 0 && lines.every((line) => line.length >= 2 && line.flat().every(Number.isFinite));
  if (!isFine || positions > MAX_POSITIONS) {
    const message = `expected lines of 2 positions or more that are numbers, ${MAX_POSITIONS} positions in all, got ${lines.length} lines of ${positions}`;
    throw new TilthError("argument.invalid", message);
  }
  const places = lines.reduce((sum, line) => sum + lengthOf(line, measure) / step, 0);
  if (step > 0 && places <= MAX_PLACES) return;
  const message = `expected a step above 0 that gives at most ${MAX_PLACES} places, got ${step}; take a larger one`;
  throw new TilthError("argument.invalid", message, { fields: { step } });
}

export function lengthOf(line: readonly Position[], measure: LineMeasure): number {
  return stretchesOf(line).reduce((sum, stretch) => sum + measure.length(stretch, 1), 0);
}

/** The beginning of each line, a place each step, and its end. */
export function* placesOn(
  lines: readonly (readonly Position[])[],
  step: number,
  measure: LineMeasure,
): Generator<LinePlace> {
  for (const [line, positions] of lines.entries()) {
    let [before, count] = [0, 0];
    for (const stretch of stretchesOf(positions)) {
      const length = measure.length(stretch, 1);
      // Multiples, not sums: a step of 0.1 stays one. What would lie at the end is the end.
      for (; count * step < before + length - step * 1e-9; count++) {
        const distance = count * step;
        yield { line, distance, position: positionAt(stretch, measure.shareAt(stretch, distance - before)) };
      }
      before += length;
    }
    yield { line, distance: before, position: positions.at(-1) as Position };
  }
}

function stretchesOf(line: readonly Position[]): Stretch[] {
  return line.slice(1).map((to, i) => ({ from: line[i] as Position, to }));
}
