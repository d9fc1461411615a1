import { EARTH_RADIUS_M, type Crs } from "../crs/index.ts";
import type { Position, Ring } from "../geo/index.ts";

/** A line that is straight in lon/lat bends on the grid: it is cut into pieces of at most this many degrees, and then as finely as is needed. */
const MAX_PIECE_DEG = 0.5;

/** Halvings of one such piece: 0.5 degree / 2^28 is 0.2 mm. */
const MAX_HALVINGS = 28;

/** Edges that bending adds to a coverage at the most: 64 MB. */
const MAX_ADDED_EDGES = 2 ** 21;

/** Edges longer than this are always looked at: 2 km. */
const MAX_STRAIGHT_DEG = 0.02;

/** An image that leads back further from where it comes from is none. */
const MAX_DRIFT_DEG = 0.01;

/** An image that is this many times longer than the way on the ground is taken for a tear in the map. */
const TEAR_FACTOR = 100;

/** Edges of polygons in CRS units. */
export interface ProjectedEdges {
  /** x0, y0, x1, y1 of each edge. */
  readonly edges: Float64Array;
  /** Polygon of each edge: holes count against their own polygon only, and overlapping polygons add up. */
  readonly owners: Uint32Array;
  /** 0 for an edge that only closes a ring over a place without image: it passes through no tile. */
  readonly real: Uint8Array;
}

type Point = readonly [x: number, y: number];

/** Draws lon/lat rings on the plane of a CRS, bent as they are there. */
export class RingPen {
  readonly #crs: Crs;
  readonly #tolerance: number;
  readonly #checked: boolean;
  /** Edges shorter than this, degrees, cannot bend by the tolerance: sagitta = length^2 / (8 * radius), with 10 for distortion. */
  readonly #straightDeg: number;
  /** Images of such edges are no longer than this, CRS units, unless the map is torn there. */
  readonly #tear: number;
  readonly #edges: number[] = [];
  readonly #owners: number[] = [];
  /** Edges over places without image. */
  readonly #gaps: number[] = [];
  #added = 0;
  #owner = 0;
  #start: Point | null = null;
  #last: Point | null = null;
  /** The way to the next point leads over a place without image. */
  #gap = false;
  /** So does the way back to the start. */
  #openStart = false;

  /** @param checked images must lead back to where they come from */
  constructor(crs: Crs, tolerance: number, checked: boolean) {
    this.#crs = crs;
    this.#checked = checked;
    this.#tolerance = tolerance;
    const lengthM = Math.sqrt((tolerance * crs.metresPerUnit * 8 * EARTH_RADIUS_M) / 10);
    this.#straightDeg = Math.min(MAX_STRAIGHT_DEG, (lengthM / EARTH_RADIUS_M) * (180 / Math.PI));
    this.#tear = (TEAR_FACTOR * this.#straightDeg * (Math.PI / 180) * EARTH_RADIUS_M) / crs.metresPerUnit;
  }

  draw(ring: Ring, owner: number): void {
    this.#owner = owner;
    [this.#start, this.#last, this.#gap, this.#openStart] = [null, null, false, false];
    const [first] = ring;
    if (first === undefined) return;
    const start = this.#project(first);
    this.#moveTo(start);
    let from = first;
    let p = start;
    for (let index = 1; index <= ring.length; index++) {
      const to = ring[index] ?? first;
      const q = index === ring.length ? start : this.#project(to);
      this.#drawEdge(from, p, to, q);
      from = to;
      p = q;
    }
    if (this.#start !== null && this.#openStart) {
      this.#gap = true;
      this.#moveTo(this.#start);
    }
  }

  finish(): ProjectedEdges {
    const real = new Uint8Array(this.#owners.length).fill(1);
    for (const edge of this.#gaps) real[edge] = 0;
    return {
      edges: Float64Array.from(this.#edges),
      owners: Uint32Array.from(this.#owners),
      real,
    };
  }

  #project([lon, lat]: Position): Point {
    const image = this.#crs.fromLonLat(lon, lat);
    if (!this.#checked || !isPoint(image)) return image;
    const [, backLat] = this.#crs.toLonLat(...image);
    return Math.abs(backLat - lat) < MAX_DRIFT_DEG ? image : [Number.NaN, Number.NaN];
  }

  #drawEdge(from: Position, p: Point, to: Position, q: Point): void {
    // Along a meridian or a parallel an edge stays straight on a separable grid.
    if (this.#crs.separable && (from[0] === to[0] || from[1] === to[1])) return this.#moveTo(q);
    const pieces = Math.max(1, Math.ceil(lengthOf(from, to) / MAX_PIECE_DEG));
    if (pieces === 1) return this.#bend(from, p, to, q, MAX_HALVINGS);
    let [position, point] = [from, p];
    for (let piece = 1; piece <= pieces; piece++) {
      const next = piece === pieces ? to : between(from, to, piece / pieces);
      const image = piece === pieces ? q : this.#project(next);
      this.#bend(position, point, next, image, MAX_HALVINGS);
      [position, point] = [next, image];
    }
  }

  /** Draws from `p` to `q`, in halves as long as the image of the middle is off the straight line. */
  #bend(from: Position, p: Point, to: Position, q: Point, halvings: number): void {
    const hasP = isPoint(p);
    const hasQ = isPoint(q);
    const short = halvings === 0 || this.#added >= MAX_ADDED_EDGES || lengthOf(from, to) <= this.#straightDeg;
    if (short || (!hasP && !hasQ)) {
      // Written so that the usual case costs no root.
      if (Math.abs(p[0] - q[0]) + Math.abs(p[1] - q[1]) > this.#tear) this.#gap = true;
      return this.#moveTo(q);
    }
    const middle = between(from, to, 0.5);
    const image = this.#project(middle);
    if (hasP && hasQ && this.#isStraight(p, image, q)) return this.#moveTo(q);
    this.#added += 1;
    this.#bend(from, p, middle, image, halvings - 1);
    this.#bend(middle, image, to, q, halvings - 1);
  }

  /** The middle lies on the line, and about in its middle: else the map is torn between the ends. */
  #isStraight(p: Point, middle: Point, q: Point): boolean {
    const half: Point = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
    const even = distance(middle, half) <= Math.max(this.#tolerance, distance(p, q) / 4);
    return even && distanceToEdge(middle, p, q) <= this.#tolerance;
  }

  #moveTo(point: Point): void {
    if (!isPoint(point)) {
      this.#gap = true;
      return;
    }
    if (this.#last === null) {
      [this.#start, this.#openStart] = [point, this.#gap];
    } else {
      if (this.#gap) this.#gaps.push(this.#owners.length);
      this.#edges.push(this.#last[0], this.#last[1], point[0], point[1]);
      this.#owners.push(this.#owner);
    }
    this.#gap = false;
    this.#last = point;
  }
}

const isPoint = ([x, y]: Point): boolean => Number.isFinite(x) && Number.isFinite(y);

const distance = (p: Point, q: Point): number => Math.hypot(q[0] - p[0], q[1] - p[1]);

const lengthOf = (from: Position, to: Position): number =>
  Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));

const between = (from: Position, to: Position, share: number): Position => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
];

function distanceToEdge([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
