import { type Column, Float64Column } from "../core/index.ts";

/** 64 MB, and twice that while they are sorted. */
const MAX_BOXES = 2_000_000;

/** Boxes of features, kept for the index that is made at the end; the largest layer's are forgotten when all together are too many. */
export class BoxMemory {
  readonly #layers: (Column<Float64Array<ArrayBuffer>> | null)[];
  readonly #maxBoxes: number;
  #count = 0;

  /** @param maxBoxes of all layers together */
  constructor(layerCount: number, maxBoxes = MAX_BOXES) {
    this.#layers = Array.from({ length: layerCount }, () => new Float64Column(64));
    this.#maxBoxes = maxBoxes;
  }

  /** @param boxes minX, minY, maxX, maxY of one feature or more */
  push(layer: number, boxes: Float64Array): void {
    const kept = this.#layers[layer];
    if (kept === undefined || kept === null) return;
    for (let i = 0; i < boxes.length; i++) kept.push(boxes[i] as number);
    this.#count += boxes.length / 4;
    while (this.#count > this.#maxBoxes) this.#forgetLargest();
  }

  /** False once a layer's boxes were forgotten or taken. */
  has(layer: number): boolean {
    return (this.#layers[layer] ?? null) !== null;
  }

  /** Null when they were forgotten. Given away: a second call finds none. */
  take(layer: number): Float64Array<ArrayBuffer> | null {
    const boxes = this.#layers[layer]?.take() ?? null;
    this.#layers[layer] = null;
    return boxes;
  }

  #forgetLargest(): void {
    const lengths = this.#layers.map((boxes) => boxes?.length ?? 0);
    const largest = Math.max(...lengths);
    this.#layers[lengths.indexOf(largest)] = null;
    this.#count -= largest / 4;
  }
}
