import { compileWasm } from "../../concurrency/index.ts";
import { PBF_WASM_BASE64 } from "./pbf_wasm.ts";

/** `assembly/pbf_block.ts`; addresses are bytes of the memory. */
interface PbfExports {
  readonly HEADER: { readonly value: number };
  /** Free from here on. */
  readonly TEXTS_END: { readonly value: number };
  roomFor(sizeBytes: number): number;
  readBlock(from: number, sizeBytes: number, base: number, wanted: number): number;
  /** @returns bytes that came out; -1 for what is not whole or right */
  inflate(from: number, sizeBytes: number, to: number, capacity: number, work: number): number;
}

/** Where blocks are unpacked and read on this thread; what lies in it holds until it is opened again. */
export interface PbfMemory {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly exports: PbfExports;
}

const PAGE = 65_536;

let memory: WebAssembly.Memory | null = null;
let exports: PbfExports | null = null;
let opened: PbfMemory | null = null;

function load(): PbfExports {
  memory ??= new WebAssembly.Memory({ initial: 1, maximum: PAGE, shared: false });
  const instance = new WebAssembly.Instance(compileWasm(PBF_WASM_BASE64), { env: { memory } });
  return instance.exports as unknown as PbfExports;
}

/** Memory for a block of so many bytes, and so many more in front of it. */
export function openPbfMemory(before: number, sizeBytes: number): PbfMemory {
  exports ??= load();
  const own = memory as WebAssembly.Memory;
  const pages = Math.ceil((exports.TEXTS_END.value + before + sizeBytes + exports.roomFor(sizeBytes)) / PAGE);
  const missing = pages - own.buffer.byteLength / PAGE;
  if (missing > 0) own.grow(missing);
  const buffer = own.buffer as unknown as ArrayBuffer;
  if (opened?.bytes.buffer !== buffer) opened = { bytes: Buffer.from(buffer), exports };
  return opened;
}
