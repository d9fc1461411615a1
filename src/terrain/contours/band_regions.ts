import { Int32Column } from "../../core/index.ts";

/** Which pieces of areas belong together, and the rings that each has so far. Union-find with halving of paths. */
export class BandRegions {
  #parents = new Int32Column();
  readonly #rings = new Map<number, Float64Array[]>();
  /** Band of each region that has rings. */
  readonly #bands = new Map<number, number>();
  /** Of rings that are kept. */
  vertexCount = 0;

  add(): number {
    this.#parents.push(this.#parents.length);
    return this.#parents.length - 1;
  }

  find(region: number): number {
    const parents = this.#parents.values;
    let root = region;
    while (parents[root] !== root) {
      const grand = parents[parents[root] as number] as number;
      parents[root] = grand;
      root = grand;
    }
    return root;
  }

  /** @returns the region that both are now */
  unite(a: number, b: number): number {
    const [first, second] = [this.find(a), this.find(b)];
    if (first === second) return first;
    const [kept, gone] = first < second ? [first, second] : [second, first];
    this.#parents.set(gone, kept);
    this.#moveRings(gone, kept);
    return kept;
  }

  addRing(region: number, band: number, positions: Float64Array): void {
    const root = this.find(region);
    const rings = this.#rings.get(root);
    if (rings === undefined) this.#rings.set(root, [positions]);
    else rings.push(positions);
    this.#bands.set(root, band);
    this.vertexCount += positions.length / 2;
  }

  get size(): number {
    return this.#parents.length;
  }

  /**
   * Gives the rings of all regions that no number of `live` belongs to, and forgets them; what is left is numbered anew.
   * @param live regions that go on, changed to their new numbers; -1: none
   */
  sweep(live: readonly Int32Array[], emit: (band: number, rings: Float64Array[]) => void): void {
    const renumbered = new Map<number, number>();
    for (const regions of live)
      for (let i = 0; i < regions.length; i++) {
        if (regions[i] === -1) continue;
        const root = this.find(regions[i] as number);
        if (!renumbered.has(root)) renumbered.set(root, renumbered.size);
        regions[i] = renumbered.get(root) as number;
      }
    const kept: [number, number, Float64Array[]][] = [];
    for (const [root, rings] of this.#rings) {
      const band = this.#bands.get(root) as number;
      const number = renumbered.get(root);
      if (number === undefined) this.#give(band, rings, emit);
      else kept.push([number, band, rings]);
    }
    this.#restart(renumbered.size, kept);
  }

  #give(band: number, rings: Float64Array[], emit: (band: number, rings: Float64Array[]) => void): void {
    for (const ring of rings) this.vertexCount -= ring.length / 2;
    emit(band, rings);
  }

  #restart(count: number, kept: readonly [number, number, Float64Array[]][]): void {
    this.#parents = new Int32Column();
    for (let i = 0; i < count; i++) this.#parents.push(i);
    this.#rings.clear();
    this.#bands.clear();
    for (const [number, band, rings] of kept) {
      this.#rings.set(number, rings);
      this.#bands.set(number, band);
    }
  }

  #moveRings(from: number, to: number): void {
    const moved = this.#rings.get(from);
    if (moved === undefined) return;
    const there = this.#rings.get(to);
    this.#bands.set(to, this.#bands.get(from) as number);
    this.#rings.delete(from);
    this.#bands.delete(from);
    if (there === undefined) this.#rings.set(to, moved);
    else if (there.length >= moved.length) for (const ring of moved) there.push(ring);
    else {
      for (const ring of there) moved.push(ring);
      this.#rings.set(to, moved);
    }
  }
}
