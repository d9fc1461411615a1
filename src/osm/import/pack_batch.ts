import {
  batchBuffers,
  encodeBatch,
  type BatchEncoding,
  type EncodedBatch,
  type FeatureBatch,
} from "../../feature/index.ts";

export interface PackedBatch {
  readonly batch: FeatureBatch | EncodedBatch;
  readonly buffers: readonly ArrayBuffer[];
}

/** A batch as it goes to the writer: in the bytes of its file, where the writer takes such. */
export async function packBatch(batch: FeatureBatch, encoding: BatchEncoding | null): Promise<PackedBatch> {
  if (encoding === null || batch.count === 0) return { batch, buffers: batchBuffers(batch) };
  const encoded = await encodeBatch(batch, encoding);
  return { batch: encoded, buffers: encoded.buffers };
}
