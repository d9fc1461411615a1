import { compileWasm } from "../../concurrency/index.ts";
import { BLOCK_WASM_BASE64 } from "./block_wasm.ts";

/** `assembly/block.ts`. Addresses are bytes of the memory. */
export interface BlockExports {
  undoDifferences(ptr: number, rows: number, rowBytes: number, valueBytes: number, pixelBytes: number): void;
  makeDifferences(ptr: number, rows: number, rowBytes: number, valueBytes: number, pixelBytes: number): void;
  undoFloats(ptr: number, work: number, rows: number, rowValues: number, bands: number): void;
  makeFloats(ptr: number, work: number, rows: number, rowValues: number, bands: number): void;
  separate(from: number, to: number, count: number, bands: number, valueBytes: number): void;
  /** @returns bytes that came out; -1 when `capacity` is too small */
  deflate(
    from: number,
    sizeBytes: number,
    to: number,
    capacity: number,
    planeBytes: number,
    planes: number,
    work: number,
  ): number;
  /** `assembly/values.ts` says what they are. */
  toValues(from: number, count: number, type: number, marked: number, to: number): void;
  /** @returns bytes that came out; -1 for what is not whole or right */
  inflate(from: number, sizeBytes: number, to: number, capacity: number, work: number): number;
}

const PAGE = 65_536;

/** One instance for each thread, whose memory grows to the largest block it has seen. */
let instance: { memory: WebAssembly.Memory; exports: BlockExports } | null = null;

/** Memory of at least so many bytes; what lies in it, and views of it, hold until it is opened again. */
export function openBlockMemory(sizeBytes: number): { buffer: ArrayBuffer; exports: BlockExports } {
  const pages = Math.ceil(sizeBytes / PAGE);
  if (instance === null) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: PAGE, shared: false });
    const { exports } = new WebAssembly.Instance(compileWasm(BLOCK_WASM_BASE64), { env: { memory } });
    instance = { memory, exports: exports as unknown as BlockExports };
  }
  const { memory, exports } = instance;
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  return { buffer: memory.buffer as unknown as ArrayBuffer, exports };
}
