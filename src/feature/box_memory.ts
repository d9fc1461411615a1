import { tmpdir } from "node:os";
import { type Column } from "../core/index.ts";
import { SpillFile } from "./spill_file.ts";

/** Of a layer: 32 MB of 32-bit numbers, 64 MB of doubles; twice that while they are sorted. */
const MAX_BOXES = 2_000_000;
/** Numbers of a layer that are in memory: 32 KiB of 32 bits, and forty layers. */
const PIECE_VALUES = 8192;

type Numbers = Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Boxes of a layer. */
interface Kept<Boxes extends Numbers> {
  /** Those that came last. */
  readonly memory: Column<Boxes>;
  /** Where in the file pieces of those before stand. */
  readonly pieces: number[];
}

export interface BoxMemoryOptions {
  /** Of a layer. @default 2,000,000 */
  readonly maxBoxes?: number;
  /** Of the file. @default the system's folder for temporary files */
  readonly folder?: string;
}

/**
 * Boxes of features, kept for the index that is made at the end: the last ones of each layer in memory, the others in a file. Those of a layer that has too many for an index
 * in memory are forgotten.
 */
export class BoxMemory<Boxes extends Numbers> implements Disposable {
  readonly #layers: (Kept<Boxes> | null)[];
  readonly #Boxes: new (capacity: number) => Column<Boxes>;
  readonly #maxBoxes: number;
  readonly #folder: string;
  #file: SpillFile | null = null;

  constructor(
    layerCount: number,
    Boxes: new (capacity: number) => Column<Boxes>,
    { maxBoxes = MAX_BOXES, folder = tmpdir() }: BoxMemoryOptions = {},
  ) {
    this.#layers = Array.from({ length: layerCount }, () => ({ memory: new Boxes(64), pieces: [] }));
    this.#Boxes = Boxes;
    this.#maxBoxes = maxBoxes;
    this.#folder = folder;
  }

  /** @param boxes minX, minY, maxX, maxY of features, up to index `to` @throws `store.full`, `store.io` */
  push(layer: number, boxes: Boxes, from = 0, to = boxes.length): void {
    const kept = this.#layers[layer];
    if (kept === undefined || kept === null) return;
    for (let i = from; i < to; i++) {
      if (kept.memory.length === PIECE_VALUES) this.#spill(kept);
      kept.memory.push(boxes[i] as number);
    }
    if (lengthOf(kept) > 4 * this.#maxBoxes) this.#layers[layer] = null;
  }

  /** False once a layer's boxes were forgotten or taken. */
  has(layer: number): boolean {
    return (this.#layers[layer] ?? null) !== null;
  }

  /** How many of a layer there are. */
  count(layer: number): number {
    const kept = this.#layers[layer] ?? null;
    return kept === null ? 0 : lengthOf(kept) / 4;
  }

  /** Those of a layer in the order in which they came, some at a time: each piece holds until the next one is asked for. @throws `store.io` */
  *read(layer: number): Generator<Boxes> {
    const kept = this.#layers[layer] ?? null;
    if (kept === null) return;
    const piece = new this.#Boxes(0).extend(kept.pieces.length > 0 ? PIECE_VALUES : 0);
    for (const offset of kept.pieces) {
      this.#file?.read(offset, bytesOf(piece, 0, PIECE_VALUES));
      yield piece;
    }
    yield kept.memory.view();
  }

  /** Null when they were forgotten. Given away: a second call finds none. @throws `store.io` */
  take(layer: number): Boxes | null {
    const kept = this.#layers[layer] ?? null;
    this.#layers[layer] = null;
    if (kept === null) return null;
    const boxes = new this.#Boxes(0).extend(lengthOf(kept));
    for (const [i, offset] of kept.pieces.entries())
      this.#file?.read(offset, bytesOf(boxes, i * PIECE_VALUES, PIECE_VALUES));
    boxes.set(kept.memory.view(), kept.pieces.length * PIECE_VALUES);
    return boxes;
  }

  /** Removes the file; nothing can be taken any more. */
  [Symbol.dispose](): void {
    this.#layers.fill(null);
    this.#file?.close();
    this.#file = null;
  }

  #spill({ memory, pieces }: Kept<Boxes>): void {
    this.#file ??= new SpillFile(this.#folder);
    pieces.push(this.#file.append(bytesOf(memory.values, 0, PIECE_VALUES)));
    memory.cut(0);
  }
}

function lengthOf<Boxes extends Numbers>({ memory, pieces }: Kept<Boxes>): number {
  return memory.length + pieces.length * PIECE_VALUES;
}

function bytesOf({ buffer, byteOffset, BYTES_PER_ELEMENT: size }: Numbers, from: number, count: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + from * size, count * size);
}
