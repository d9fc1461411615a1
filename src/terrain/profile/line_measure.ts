import type { Crs } from "../../crs/index.ts";

/** WGS 84; other ellipsoids differ by 1 in 10,000. */
const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.006_694_379_990_14;
const RADIANS = Math.PI / 180;
/** Longest piece over which the speed is integrated at once, degrees: five points give it to 1 in 10^12. */
const MAX_PIECE_DEG = 0.5;

export type Position = readonly [x: number, y: number];

/** A straight line in its CRS. */
export interface Stretch {
  readonly from: Position;
  readonly to: Position;
}

/** Of lines of one CRS: metres, or its units where it is unknown. */
export interface LineMeasure {
  /** From the beginning of a stretch to a share of it, 0 to 1. */
  length(stretch: Stretch, share: number): number;
  /** The share at which so much of it lies behind. */
  shareAt(stretch: Stretch, length: number): number;
}

/** On the ellipsoid for degrees, on the plane otherwise. */
export function measureOf(crs: Crs | null): LineMeasure {
  if (crs?.kind === "geographic") return { length: lengthOnEllipsoid, shareAt: shareOnEllipsoid };
  const metres = crs?.metresPerUnit ?? 1;
  const whole = ({ from, to }: Stretch): number => Math.hypot(to[0] - from[0], to[1] - from[1]) * metres;
  return {
    length: (stretch, share) => whole(stretch) * share,
    shareAt: (stretch, length) => (whole(stretch) === 0 ? 1 : length / whole(stretch)),
  };
}

export function positionAt({ from, to }: Stretch, share: number): Position {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/** Metres that the whole stretch would have at this share's latitude (radii of curvature: Snyder, Map Projections, 1987, 4-18 and 4-20). */
function speedAt({ from, to }: Stretch, share: number): number {
  const latitude = (from[1] + (to[1] - from[1]) * share) * RADIANS;
  const root = Math.sqrt(1 - ECCENTRICITY_2 * Math.sin(latitude) ** 2);
  const north = ((to[1] - from[1]) * RADIANS * SEMI_MAJOR_M * (1 - ECCENTRICITY_2)) / root ** 3;
  const east = ((to[0] - from[0]) * RADIANS * SEMI_MAJOR_M * Math.cos(latitude)) / root;
  return Math.hypot(north, east);
}

/** Gauss and Legendre's five points: where, from -1 to 1, and how much. */
const POINTS = [0, 0.538_469_310_105_683, -0.538_469_310_105_683, 0.906_179_845_938_664, -0.906_179_845_938_664];
const WEIGHTS = [
  0.568_888_888_888_889, 0.478_628_670_499_366, 0.478_628_670_499_366, 0.236_926_885_056_189, 0.236_926_885_056_189,
];

function lengthOnEllipsoid(stretch: Stretch, share: number): number {
  const { from, to } = stretch;
  const pieces = Math.max(1, Math.ceil((Math.abs(to[1] - from[1]) * share) / MAX_PIECE_DEG));
  const half = share / pieces / 2;
  let sum = 0;
  for (let piece = 0; piece < pieces; piece++)
    for (let i = 0; i < POINTS.length; i++)
      sum += (WEIGHTS[i] as number) * speedAt(stretch, half * (2 * piece + 1 + (POINTS[i] as number)));
  return sum * half;
}

/** Newton's steps; the speed changes slowly. */
function shareOnEllipsoid(stretch: Stretch, length: number): number {
  const whole = lengthOnEllipsoid(stretch, 1);
  if (whole === 0) return 1;
  let share = length / whole;
  for (let i = 0; i < 4; i++)
    share = Math.min(1, Math.max(0, share - (lengthOnEllipsoid(stretch, share) - length) / speedAt(stretch, share)));
  return share;
}
