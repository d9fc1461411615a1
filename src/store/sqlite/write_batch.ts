import type { TileWrite } from "../tile_store.ts";

const KINDS = ["tile", "empty", "renew"] as const;
/** kind, z, x, y, start, length, time, attempts (0: unknown). */
const NUMBERS_PER_WRITE = 8;

/** Writes in the form in which they cross the thread border: columns and one buffer, some 10 times cheaper than objects. */
export interface PackedBatch {
  count: number;
  numbers: Float64Array;
  /** All bytes one after another; may be longer than they are. */
  bytes: ArrayBuffer;
  etags: (string | null)[];
  lastModified: (string | null)[];
  sourceIds: (string | null)[];
}

export interface UnpackedWrite {
  kind: "tile" | "empty" | "renew";
  z: number;
  x: number;
  y: number;
  data: Uint8Array;
  fetchedAtMs: number;
  etag: string | null;
  lastModified: string | null;
  sourceId: string | null;
  attempts: number | null;
}

export function totalBytes(writes: readonly TileWrite[]): number {
  return writes.reduce((sum, write) => sum + (write.kind === "tile" ? write.data.byteLength : 0), 0);
}

/**
 * Copies, and does not transfer the callers' buffers: a rejected batch can be given again as it is, and a body that shares
 * its buffer with others (Node's pool) stays whole. Copying costs 2-3 us a tile of 19 kB, as much as transferring it.
 */
export function packBatch(writes: readonly TileWrite[], bytes: ArrayBuffer): PackedBatch {
  const numbers = new Float64Array(writes.length * NUMBERS_PER_WRITE);
  const target = new Uint8Array(bytes);
  const batch: PackedBatch = { count: writes.length, numbers, bytes, etags: [], lastModified: [], sourceIds: [] };
  let end = 0;
  for (const [i, write] of writes.entries()) {
    const length = write.kind === "tile" ? write.data.byteLength : 0;
    if (write.kind === "tile") target.set(write.data, end);
    const { z, x, y } = write.tile;
    const { fetchedAtMs, attempts } = write;
    numbers.set([KINDS.indexOf(write.kind), z, x, y, end, length, fetchedAtMs, attempts ?? 0], i * NUMBERS_PER_WRITE);
    end += length;
    batch.etags.push((write.kind === "empty" ? null : write.etag) ?? null);
    batch.lastModified.push((write.kind === "empty" ? null : write.lastModified) ?? null);
    batch.sourceIds.push((write.kind === "renew" ? null : write.sourceId) ?? null);
  }
  return batch;
}

export function* unpackBatch(batch: PackedBatch): Generator<UnpackedWrite> {
  for (let i = 0; i < batch.count; i += 1) {
    const at = (field: number): number => batch.numbers[i * NUMBERS_PER_WRITE + field] ?? 0;
    yield {
      kind: KINDS[at(0)] ?? "tile",
      z: at(1),
      x: at(2),
      y: at(3),
      data: new Uint8Array(batch.bytes, at(4), at(5)),
      fetchedAtMs: at(6),
      etag: batch.etags[i] ?? null,
      lastModified: batch.lastModified[i] ?? null,
      sourceId: batch.sourceIds[i] ?? null,
      attempts: at(7) === 0 ? null : at(7),
    };
  }
}
