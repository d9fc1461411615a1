/** Bytes that are read at any place: a file, memory, or an address that answers to ranges. */
export interface ByteSource {
  /** What messages call it: a file's name, an address without secrets. */
  readonly name: string;
  readonly sizeBytes: number;
  /** `length` bytes from `offset` on; fewer only where the source ends, none behind its end. The bytes are the caller's own. */
  read(offset: number, length: number, options?: { signal?: AbortSignal }): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A source over bytes at hand. */
export function memoryByteSource(data: Uint8Array, name = "memory"): ByteSource {
  return {
    name,
    sizeBytes: data.length,
    read: async (offset, length) => new Uint8Array(data.subarray(offset, offset + length)),
    close: async () => undefined,
  };
}
