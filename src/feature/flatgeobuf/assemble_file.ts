import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { storeErrorFrom } from "../../geopackage/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { hilbertOrder, packedIndex } from "./packed_index.ts";

export interface AssembleOptions {
  /** Features one behind the other, in the order in which they came. */
  readonly from: string;
  readonly to: string;
  readonly head: Uint8Array;
  /** Null: no index, the features stay in their order. */
  readonly index: { readonly boxes: Float64Array; readonly sizes: Uint32Array; readonly bbox: Bbox } | null;
}

/** Written at once. */
const BUFFER_BYTES = 1 << 20;

/** Makes a file of its head, its index and its features, which are put into the order of the index. On a thread: it blocks. @throws `store.*` */
export function assembleFile({ from, to, head, index }: AssembleOptions): void {
  try {
    rmSync(to, { force: true });
    const [source, target] = [openSync(from, "r"), openSync(to, "wx")];
    try {
      const out = new BufferedOutput(target);
      out.write(head);
      if (index === null) copyAll(source, out);
      else copyInOrder(source, out, index);
      out.flush();
    } finally {
      closeSync(source);
      closeSync(target);
    }
  } catch (error) {
    throw storeErrorFrom(error, to);
  }
}

function copyAll(source: number, out: BufferedOutput): void {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let read = readSync(source, buffer); read > 0; read = readSync(source, buffer))
    out.write(buffer.subarray(0, read));
}

function copyInOrder(
  source: number,
  out: BufferedOutput,
  { boxes, sizes, bbox }: NonNullable<AssembleOptions["index"]>,
): void {
  const order = hilbertOrder(boxes, bbox);
  out.write(packedIndex(boxes, order, sizes));
  const starts = new Float64Array(sizes.length);
  for (let i = 1; i < sizes.length; i++) starts[i] = (starts[i - 1] as number) + (sizes[i - 1] as number);
  let buffer = new Uint8Array(BUFFER_BYTES);
  for (const feature of order) {
    const size = sizes[feature] as number;
    if (size > buffer.length) buffer = new Uint8Array(2 * size);
    readExactly(source, buffer.subarray(0, size), starts[feature] as number);
    out.write(buffer.subarray(0, size));
  }
}

function readExactly(source: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(source, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new Error(`expected ${bytes.length} bytes at ${position}, got ${done}`);
    done += read;
  }
}

/** Small writes, joined. */
class BufferedOutput {
  readonly #file: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #length = 0;

  constructor(file: number) {
    this.#file = file;
  }

  write(bytes: Uint8Array): void {
    if (this.#length + bytes.length > BUFFER_BYTES) this.flush();
    if (bytes.length > BUFFER_BYTES) {
      this.#writeAll(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #writeAll(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
  }
}
