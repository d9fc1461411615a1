/** The part of the WebAssembly interface that is used here; the compiler's own declarations come only with those of a browser. */
declare namespace WebAssembly {
  class Memory {
    /** Sizes in pages of 64 KiB. */
    constructor(options: { initial: number; maximum: number; shared: boolean });
    /** An ArrayBuffer where it is not shared, and another one each time that it has grown. */
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }

  class Module {
    constructor(bytes: Uint8Array);
  }

  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } });
    readonly exports: Record<string, unknown>;
  }
}
