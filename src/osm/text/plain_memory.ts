import { compileWasm } from "../../concurrency/index.ts";
import { JSON_WASM_BASE64 } from "./json_wasm.ts";

/** `assembly/json_elements.ts`; addresses are bytes of the memory. */
interface JsonExports extends Record<ColumnName | "MAX_ELEMENTS", { readonly value: number }> {
  readElements(from: number, limit: number, forget: number): number;
}

type ColumnName =
  | "COUNTS"
  | "INPUT"
  | "NODE_IDS"
  | "NODE_LONS"
  | "NODE_LATS"
  | "NODE_TAG_ENDS"
  | "NODE_TAGS"
  | "WAY_IDS"
  | "WAY_REF_ENDS"
  | "REFS"
  | "WAY_IS_RING"
  | "WAY_TAG_ENDS"
  | "WAY_TAGS"
  | "TEXTS";

const PAGE = 65_536;
const MAX_PAGES = 65_536;

/** Where plain elements are read on this thread: columns, and behind them the input. */
export class PlainMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: JsonExports;
  /** Which bytes are the input, and whose texts are numbered. */
  #placed: Buffer | null = null;
  #reader: object | null = null;

  private constructor() {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: false });
    const env = { memory: this.#memory };
    this.#exports = new WebAssembly.Instance(compileWasm(JSON_WASM_BASE64), { env }).exports as unknown as JsonExports;
    this.input(0);
  }

  static ofThread(): PlainMemory {
    instance ??= new PlainMemory();
    return instance;
  }

  get maxElements(): number {
    return this.#exports.MAX_ELEMENTS.value;
  }

  /** Memory for bytes that are to be read: they need not be copied then. It holds until it is asked for again, or other bytes are read. */
  input(sizeBytes: number): Uint8Array<ArrayBuffer> {
    this.#placed = null;
    // One byte more, which ends the input.
    const pages = Math.ceil((this.#exports.INPUT.value + sizeBytes + 1) / PAGE);
    const missing = pages - this.#buffer.byteLength / PAGE;
    if (missing > 0) this.#memory.grow(missing);
    return new Uint8Array(this.#buffer, this.#exports.INPUT.value, sizeBytes);
  }

  /** Makes bytes the input of a reader. @returns whether they have not been it before: then its texts are to be numbered anew */
  place(bytes: Buffer, reader: object): boolean {
    const isKnown = this.#placed === bytes && this.#reader === reader;
    if (isKnown) return false;
    this.#reader = reader;
    const at = this.#exports.INPUT.value;
    if (bytes.buffer !== this.#buffer || bytes.byteOffset !== at) this.input(bytes.length).set(bytes);
    new Uint8Array(this.#buffer)[at + bytes.length] = 0;
    this.#placed = bytes;
    return true;
  }

  /** From a byte of the input on. @returns behind the last element that was taken; `from` for none */
  read(from: number, limit: number, forget: boolean): number {
    const base = this.#exports.INPUT.value;
    return this.#exports.readElements(base + from, limit, forget ? 1 : 0) - base;
  }

  doubles(name: ColumnName, count: number): Float64Array {
    return new Float64Array(this.#buffer, this.#exports[name].value, count);
  }

  integers(name: ColumnName, count: number): Int32Array {
    return new Int32Array(this.#buffer, this.#exports[name].value, count);
  }

  bytes(name: ColumnName, count: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#exports[name].value, count);
  }

  /** A text of the input. @param from address */
  text(from: number, sizeBytes: number): string {
    return Buffer.from(this.#buffer, from, sizeBytes).toString();
  }

  get #buffer(): ArrayBuffer {
    return this.#memory.buffer as unknown as ArrayBuffer;
  }
}

let instance: PlainMemory | null = null;
