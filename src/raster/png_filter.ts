import { PNG_FILTER_WASM_BASE64 } from "./png_filter_wasm.ts";

const PAGE = 65_536;

interface FilterExports {
  setMask(ptr: number): void;
  filterImage(pixels: number, width: number, height: number, pixelBytes: number, out: number, work: number): number;
}

/** One instance for each thread, whose memory grows to the largest image it has seen. */
let instance: { memory: WebAssembly.Memory; exports: FilterExports } | null = null;

/** @see filterRgba */
export function filterRgba(pixels: Uint8Array, width: number, height: number, channels: 3 | 4): Uint8Array {
  const rowBytes = width * channels;
  const padded = Math.ceil(rowBytes / 16) * 16 + 16;
  const maskPtr = 16;
  const pixelsPtr = 64;
  const outPtr = pixelsPtr + width * height * 4;
  const workPtr = Math.ceil((outPtr + (rowBytes + 1) * height) / 16) * 16;
  const { memory, exports } = openInstance(workPtr + 6 * padded + 128);
  new Uint8Array(memory.buffer, pixelsPtr, width * height * 4).set(pixels);
  exports.setMask(maskPtr);
  const size = exports.filterImage(pixelsPtr, width, height, channels, outPtr, workPtr);
  return new Uint8Array(memory.buffer, outPtr, size);
}

function openInstance(sizeBytes: number): { memory: WebAssembly.Memory; exports: FilterExports } {
  const pages = Math.ceil(sizeBytes / PAGE);
  if (instance === null) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
    const module = new WebAssembly.Module(Buffer.from(PNG_FILTER_WASM_BASE64, "base64"));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    instance = { memory, exports: exports as unknown as FilterExports };
  }
  const missing = pages - instance.memory.buffer.byteLength / PAGE;
  if (missing > 0) instance.memory.grow(missing);
  return instance;
}
