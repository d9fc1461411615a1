import { type Column } from "../core/index.ts";

/** 32 MB of 32-bit numbers, 64 MB of doubles; twice that while they are sorted. */
const MAX_BOXES = 2_000_000;

/** Boxes of features, kept for the index that is made at the end; the largest layer's are forgotten when all together are too many. */
export class BoxMemory<Boxes extends Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>> {
  readonly #layers: (Column<Boxes> | null)[];
  readonly #maxBoxes: number;
  #count = 0;

  /** @param maxBoxes of all layers together */
  constructor(layerCount: number, Boxes: new (capacity: number) => Column<Boxes>, maxBoxes = MAX_BOXES) {
    this.#layers = Array.from({ length: layerCount }, () => new Boxes(64));
    this.#maxBoxes = maxBoxes;
  }

  /** @param boxes minX, minY, maxX, maxY of features, up to index `to` */
  push(layer: number, boxes: Boxes, from = 0, to = boxes.length): void {
    const kept = this.#layers[layer];
    if (kept === undefined || kept === null) return;
    for (let i = from; i < to; i++) kept.push(boxes[i] as number);
    this.#count += (to - from) / 4;
    while (this.#count > this.#maxBoxes) this.#forgetLargest();
  }

  /** False once a layer's boxes were forgotten or taken. */
  has(layer: number): boolean {
    return (this.#layers[layer] ?? null) !== null;
  }

  /** Null when they were forgotten. Given away: a second call finds none. */
  take(layer: number): Boxes | null {
    const boxes = this.#layers[layer]?.view() ?? null;
    this.#layers[layer] = null;
    this.#count -= (boxes?.length ?? 0) / 4;
    return boxes;
  }

  #forgetLargest(): void {
    const lengths = this.#layers.map((boxes) => boxes?.length ?? 0);
    const largest = Math.max(...lengths);
    this.#layers[lengths.indexOf(largest)] = null;
    this.#count -= largest / 4;
  }
}
