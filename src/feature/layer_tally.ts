import type { Envelope } from "./geometry_range.ts";
import type { LayerSummary } from "./feature_writer.ts";

/** Counts and extents of layers as numbers: crosses thread borders. */
export interface TallyColumns {
  readonly counts: Float64Array<ArrayBuffer>;
  /** minX, minY, maxX, maxY of each layer. */
  readonly extents: Float64Array<ArrayBuffer>;
  readonly unprojectable: number;
}

/** How many features each layer has got, and the box around them. */
export class LayerTally implements TallyColumns {
  readonly counts: Float64Array<ArrayBuffer>;
  readonly extents: Float64Array<ArrayBuffer>;
  unprojectable = 0;

  constructor(layerCount: number) {
    this.counts = new Float64Array(layerCount);
    this.extents = new Float64Array(4 * layerCount);
    for (let i = 0; i < this.extents.length; i++) this.extents[i] = i % 4 < 2 ? Infinity : -Infinity;
  }

  /** @returns how many the layer has now: the feature's number, from 1 */
  add(layer: number, box: Envelope): number {
    this.#widen(layer, box, 0);
    return ((this.counts[layer] as number) = this.count(layer) + 1);
  }

  merge({ counts, extents, unprojectable }: TallyColumns): void {
    this.unprojectable += unprojectable;
    for (const [layer, count] of counts.entries()) {
      this.counts[layer] = this.count(layer) + count;
      this.#widen(layer, extents, 4 * layer);
    }
  }

  count(layer: number): number {
    return this.counts[layer] as number;
  }

  summarize(layers: readonly { readonly name: string }[]): LayerSummary[] {
    return layers.map(({ name }, layer) => {
      const [minX = 0, minY = 0, maxX = 0, maxY = 0] = this.extents.subarray(4 * layer, 4 * layer + 4);
      const count = this.count(layer);
      return { name, count, bbox: count === 0 ? null : [minX, minY, maxX, maxY] };
    });
  }

  #widen(layer: number, boxes: Float64Array, at: number): void {
    const { extents } = this;
    const own = 4 * layer;
    // Compared, not by Math.min: a call each, for every feature, until this is compiled for speed.
    for (let i = 0; i < 2; i++) {
      const least = boxes[at + i] as number;
      const most = boxes[at + 2 + i] as number;
      if (least < (extents[own + i] as number)) extents[own + i] = least;
      if (most > (extents[own + 2 + i] as number)) extents[own + 2 + i] = most;
    }
  }
}
