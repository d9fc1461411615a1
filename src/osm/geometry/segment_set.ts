import type { VertexTable } from "./vertex_table.ts";

/** Segments between places; one that comes twice is gone: it has the area on both of its sides, or on none. */
export class SegmentSet {
  readonly #ends = new Map<number, number>();

  get size(): number {
    return this.#ends.size;
  }

  /** Puts a segment in, or takes it out when it is there. @returns false for the second time, true else */
  toggle(a: number, b: number): boolean {
    if (a === b) return true;
    const [low, high] = a < b ? [a, b] : [b, a];
    const key = low * 2 ** 26 + high;
    if (this.#ends.delete(key)) return false;
    this.#ends.set(key, high);
    return true;
  }

  /** In the order in which they came. A function, not a list of pairs, which are made for nothing and take longer than all that is done with them. */
  each(visit: (a: number, b: number) => void): void {
    this.#ends.forEach((high, key) => visit((key - high) / 2 ** 26, high));
  }

  /** Vertices at which an odd number of segments end: a ring is open there. */
  listOpenEnds(vertices: VertexTable): number[] {
    const odd = new Uint8Array(vertices.count);
    this.each((a, b) => {
      odd[a] = (odd[a] as number) ^ 1;
      odd[b] = (odd[b] as number) ^ 1;
    });
    const open: number[] = [];
    for (let vertex = 0; vertex < odd.length; vertex++) if (odd[vertex] === 1) open.push(vertex);
    return open;
  }
}

/** Vertices of one area at the most: two of their numbers fit into 53 bits. The largest of OpenStreetMap has 1.3 million. */
export const MAX_VERTICES = 2 ** 26;
