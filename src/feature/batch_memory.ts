import { compileWasm } from "../concurrency/index.ts";
import type { FeatureBatch } from "./feature_batch.ts";
import type { TallyColumns } from "./layer_tally.ts";

/** What the modules of `assembly` that encode batches have in common; addresses are bytes of the memory. */
export interface BatchExports {
  placeColumns(
    layers: number,
    parts: number,
    rings: number,
    positions: number,
    tagEnds: number,
    tags: number,
    coordinates: number,
  ): void;
  placeTally(counts: number, extents: number, layers: number): void;
  findTexts(count: number, units: number, table: number, from: number, end: number, escapesLineEnds: boolean): number;
  /** @returns 0 when a layer or a tag's text is not there */
  hasIndices(count: number, layers: number, tags: number, texts: number): number;
  areTexts(values: number, count: number, texts: number): number;
  /** Features that had no place. */
  readonly unplaced: { readonly value: number };
}

export interface BatchTexts {
  readonly strings: readonly string[];
  /** Whether U+0085, U+2028 and U+2029, which JSON leaves as they are, are escaped as well. */
  readonly escapesLineEnds: boolean;
}

/** Addresses: of its positions, and of the values of each of its columns. */
export interface BatchPlaces {
  readonly coordinates: number;
  readonly columns: ReadonlyMap<string, number>;
}

type Column = FeatureBatch["layers" | "tags"] | FeatureBatch["geometry"]["coordinates"];

const PAGE = 65_536;
/** Below it lie constants of the module. */
const BASE = 2048;
/** The vectors of a module take 16 bytes at a time. */
const ALIGNMENT = 16;
/** Bytes of a text's places, and of its length in UTF-16. */
const TEXT_BYTES = 16 + 4;
/** A character of UTF-16 is three bytes of UTF-8 at the most, and a byte six of JSON. */
const MAX_GROWTH = 3 * (1 + 6);
/** Texts that are written at once: a call for each takes longer, and one string of all is garbage of the kind that lies for long. */
const JOINED = 64;
const QUOTE = 0x22;
/** Larger batches are rare, and memory that has been taken stays with its thread. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Memory of this thread in which a module of `assembly` encodes batches, one after the other: what was said once at the bottom, then the batch, then what is made of it. */
export class BatchMemory<Exports extends BatchExports> {
  readonly exports: Exports;
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE, shared: false });
  #at = BASE;
  #bottom = BASE;
  #layers = 0;
  #counts = 0;
  #extents = 0;

  /** @param base64 of the module */
  constructor(base64: string) {
    const { exports } = new WebAssembly.Instance(compileWasm(base64), { env: { memory: this.#memory } });
    this.exports = exports as unknown as Exports;
  }

  /** For arrays that are to stay under all batches from now on. */
  clear(): void {
    this.#bottom = this.#at = BASE;
  }

  /** What is there by now stays. @param layers that batches are of */
  keep(layers: number): void {
    this.#layers = layers;
    this.#counts = this.reserve(8 * layers);
    this.#extents = this.reserve(32 * layers);
    this.#bottom = this.#at;
  }

  /** Puts a batch in the place of the one before. @returns null for one that is too large, or that has a text that is none in UTF-8, or one that it does not have */
  place(batch: FeatureBatch, { strings, escapesLineEnds }: BatchTexts): BatchPlaces | null {
    const { layers, geometry, tags, tagEnds, columns } = batch;
    const { partEnds, ringEnds, positionEnds, coordinates } = geometry;
    const runUnits = strings.reduce((sum, { length }) => sum + length + 1, 1);
    const textBytes = TEXT_BYTES * strings.length + MAX_GROWTH * runUnits;
    const needed = coordinates.byteLength + tags.byteLength + 8 * batch.count * Object.keys(columns).length + textBytes;
    if (needed > MAX_BYTES) return null;
    this.#at = this.#bottom;
    const places = { coordinates: this.put(coordinates), columns: new Map<string, number>() };
    this.exports.placeColumns(
      this.put(layers),
      this.put(partEnds),
      this.put(ringEnds),
      this.put(positionEnds),
      this.put(tagEnds),
      this.put(tags),
      places.coordinates,
    );
    for (const [name, values] of Object.entries(columns)) places.columns.set(name, this.put(values));
    if (!this.#placeTexts(strings, runUnits, escapesLineEnds)) return null;
    // Whoever goes the long way then is told what is wrong.
    if (this.exports.hasIndices(batch.count, this.#layers, tags.length, batch.strings.length) === 0) return null;
    this.exports.placeTally(this.#counts, this.#extents, this.#layers);
    return places;
  }

  /** @returns where it lies, at a multiple of 16; what was there before is still there */
  reserve(sizeBytes: number): number {
    const at = this.#at;
    this.#at = alignUp(at + sizeBytes);
    const missing = Math.ceil(this.#at / PAGE) - this.buffer.byteLength / PAGE;
    if (missing > 0) this.#memory.grow(missing);
    return at;
  }

  put(values: Column | Uint8Array): number {
    const at = this.reserve(values.byteLength);
    new Uint8Array(this.buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return at;
  }

  /** Holds until more is reserved or made. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer as unknown as ArrayBuffer;
  }

  get tally(): TallyColumns {
    const { buffer } = this;
    return {
      counts: new Float64Array(buffer.slice(this.#counts, this.#counts + 8 * this.#layers)),
      extents: new Float64Array(buffer.slice(this.#extents, this.#extents + 32 * this.#layers)),
      unprojectable: this.exports.unplaced.value,
    };
  }

  #placeTexts(strings: readonly string[], runUnits: number, escapesLineEnds: boolean): boolean {
    const units = this.reserve(4 * strings.length);
    const table = this.reserve(16 * strings.length);
    const from = this.reserve(MAX_GROWTH * runUnits);
    const lengths = new Uint32Array(this.buffer, units, strings.length);
    const bytes = Buffer.from(this.buffer);
    let end = from;
    bytes[end++] = QUOTE;
    // With a quote on either side each text is a string of JSON as it stands, unless something in it must be escaped.
    for (let i = 0; i < strings.length; i += JOINED) {
      const some = strings.slice(i, i + JOINED);
      for (let k = 0; k < some.length; k++) lengths[i + k] = (some[k] as string).length;
      const run = `${some.join('"')}"`;
      if (!run.isWellFormed()) return false;
      end += bytes.write(run, end, "utf8");
    }
    this.#at = alignUp(this.exports.findTexts(strings.length, units, table, from, end, escapesLineEnds));
    return true;
  }
}

function alignUp(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
