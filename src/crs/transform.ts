import type { Crs } from "./crs_type.ts";
import type { DatumStep, Point } from "./datum.ts";
import { datumSteps } from "./datum_steps.ts";
import { systemOf } from "./system.ts";

/** From one system to another, for many points at once. */
export interface CrsTransform {
  readonly from: Crs;
  readonly to: Crs;
  /** Expected accuracy, metres: what the change of datum costs; 0 on one datum, null when nobody says. */
  readonly accuracyM: number | null;
  /** What is done, in order and in words; empty when the coordinates stay as they are. */
  readonly steps: readonly string[];
  /**
   * Changes `[x0, y0, x1, y1, ...]` in place, x always the easting or longitude. A point that has no image becomes NaN, NaN.
   * @param count points, from the beginning; all unless said
   * @returns how many points have no image
   */
  apply(coords: Float64Array, count?: number): number;
}

/** Changes a point in place; may throw for one without image. */
type PointStep = (point: Point) => void;

/** @throws `crs.unsupported` when there is no way from one to the other */
export function createTransform(from: Crs, to: Crs): CrsTransform {
  const [source, target] = [systemOf(from), systemOf(to)];
  const datum = datumSteps(source.base, target.base);
  const same = from.definition === to.definition;
  const words = [source.method && `inverse of ${source.method}`, datum.method, target.method].filter(Boolean);
  const change = chain([source.projector.toGeodetic, ...datum.forward, target.projector.fromGeodetic]);
  return {
    from,
    to,
    accuracyM: datum.accuracyM,
    steps: same ? [] : words,
    apply: (coords, count = coords.length / 2) => applySteps(same ? stay : change, coords, count),
  };
}

function stay(): void {}

/** Written out for the usual lengths: a loop over the steps costs a third of the speed of a cheap projection. */
function chain(steps: readonly [PointStep, ...DatumStep[], PointStep] | PointStep[]): PointStep {
  const [first = stay, second = stay, third = stay, ...rest] = steps;
  if (steps.length === 2) return (point) => (first(point), second(point));
  if (steps.length === 3) return (point) => (first(point), second(point), third(point));
  return (point) => {
    first(point);
    second(point);
    third(point);
    for (const step of rest) step(point);
  };
}

function applySteps(change: PointStep, coords: Float64Array, count: number): number {
  const point: Point = { x: 0, y: 0 };
  let lost = 0;
  for (let i = 0; i < count * 2; i += 2) {
    point.x = coords[i] as number;
    point.y = coords[i + 1] as number;
    if (tryChange(change, point)) {
      coords[i] = point.x;
      coords[i + 1] = point.y;
    } else {
      coords[i] = coords[i + 1] = Number.NaN;
      lost++;
    }
  }
  return lost;
}

/** False when the point has no image: it is not finite, leaves the numbers, or the projection refuses it by throwing. */
export function tryChange(change: PointStep, point: Point): boolean {
  if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) return false;
  try {
    change(point);
  } catch {
    return false;
  }
  return Number.isFinite(point.x) && Number.isFinite(point.y);
}
