import type { Transferred } from "../concurrency/index.ts";
import type { FeatureBatch } from "./feature_batch.ts";

/** How batches become the bytes of a file: a function of a module, and what it needs to know. Crosses thread borders. */
export interface BatchEncoding {
  /** Absolute URL. */
  readonly module: string;
  readonly name: string;
  readonly options: unknown;
}

/** What a writer's encoding made of a batch; only that writer can read it. */
export interface EncodedBatch {
  /** Features of the batch. */
  readonly count: number;
  readonly encoded: unknown;
  /** To hand it over to another thread. */
  readonly buffers: readonly ArrayBuffer[];
}

type Encode = (batch: FeatureBatch, options: unknown) => Transferred<unknown> | Promise<Transferred<unknown>>;

/** On the thread that has made the batch: the writer's own is spared the work, and the border the batch. The batch must not be used any more. */
export async function encodeBatch(batch: FeatureBatch, encoding: BatchEncoding): Promise<EncodedBatch> {
  const loaded = (await import(encoding.module)) as Record<string, Encode>;
  const { value, transfer } = await (loaded[encoding.name] as Encode)(batch, encoding.options);
  return { count: batch.count, encoded: value, buffers: transfer as readonly ArrayBuffer[] };
}

export function isEncoded(batch: FeatureBatch | EncodedBatch): batch is EncodedBatch {
  return "encoded" in batch;
}
