import type { Polygon } from "../../geo/index.ts";
import { UNITS_PER_DEGREE } from "../osm_block.ts";

interface Edge {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/** Edges are looked up by bands of latitude: a country of 100,000 corners is then 100 edges for each place. */
const MAX_BANDS = 1024;

/** What lies within an odd number of the rings of polygons. Places are in units of 1e-7 degrees; the antimeridian is an edge of the world. */
export class PolygonMask {
  readonly #bands: Edge[][];
  readonly #south: number;
  readonly #height: number;

  /** @param polygons lon/lat degrees */
  constructor(polygons: readonly Polygon[]) {
    const edges = polygons.flatMap((polygon) => polygon.flatMap(ringEdges));
    const [south, north] = edges.reduce(
      ([low, high], { ay, by }) => [Math.min(low, ay, by), Math.max(high, ay, by)],
      [Infinity, -Infinity],
    );
    const count = Math.max(1, Math.min(MAX_BANDS, Math.ceil(edges.length / 8)));
    this.#south = south;
    this.#height = Math.max(1, (north - south) / count);
    this.#bands = Array.from({ length: count }, () => []);
    for (const edge of edges) {
      const [first, last] = [this.#bandOf(Math.min(edge.ay, edge.by)), this.#bandOf(Math.max(edge.ay, edge.by))];
      for (let band = first; band <= last; band++) this.#bands[band]?.push(edge);
    }
  }

  holds(x: number, y: number): boolean {
    let inside = false;
    for (const { ax, ay, bx, by } of this.#bands[this.#bandOf(y)] ?? [])
      if (ay > y !== by > y && x > ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    return inside;
  }

  /** Whether a line has a place within, or crosses an edge. @param length values of the line */
  touches(line: Int32Array, length: number): boolean {
    for (let i = 0; i < length; i += 2) if (this.holds(line[i] as number, line[i + 1] as number)) return true;
    for (let i = 2; i < length; i += 2)
      if (this.#crosses(line[i - 2] as number, line[i - 1] as number, line[i] as number, line[i + 1] as number))
        return true;
    return false;
  }

  #crosses(ax: number, ay: number, bx: number, by: number): boolean {
    const [first, last] = [this.#bandOf(Math.min(ay, by)), this.#bandOf(Math.max(ay, by))];
    for (let band = first; band <= last; band++)
      for (const edge of this.#bands[band] ?? []) if (areCrossing(edge, { ax, ay, bx, by })) return true;
    return false;
  }

  #bandOf(y: number): number {
    return Math.max(0, Math.min(this.#bands.length - 1, Math.floor((y - this.#south) / this.#height)));
  }
}

function ringEdges(ring: readonly (readonly [number, number])[]): Edge[] {
  return ring.map(([lon, lat], i) => {
    const [nextLon, nextLat] = ring[(i + 1) % ring.length] as readonly [number, number];
    const unit = UNITS_PER_DEGREE;
    return { ax: lon * unit, ay: lat * unit, bx: nextLon * unit, by: nextLat * unit };
  });
}

/** Whether two pieces of line have a place in common; an end that lies on the other one counts, as a box counts its border. */
function areCrossing(s: Edge, t: Edge): boolean {
  const side = (e: Edge, x: number, y: number): number => (e.bx - e.ax) * (y - e.ay) - (e.by - e.ay) * (x - e.ax);
  return (
    Math.max(s.ax, s.bx) >= Math.min(t.ax, t.bx) &&
    Math.max(t.ax, t.bx) >= Math.min(s.ax, s.bx) &&
    Math.max(s.ay, s.by) >= Math.min(t.ay, t.by) &&
    Math.max(t.ay, t.by) >= Math.min(s.ay, s.by) &&
    Math.sign(side(s, t.ax, t.ay)) * Math.sign(side(s, t.bx, t.by)) <= 0 &&
    Math.sign(side(t, s.ax, s.ay)) * Math.sign(side(t, s.bx, s.by)) <= 0
  );
}
