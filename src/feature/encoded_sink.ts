import { WorkerPool, type WorkerTask } from "../concurrency/index.ts";
import { abortable } from "../core/index.ts";
import { isEncoded, type BatchEncoding, type EncodedBatch } from "./batch_encoding.ts";
import { batchBuffers, type FeatureBatch } from "./feature_batch.ts";
import type { FeatureFileSummary, FeatureLayer } from "./feature_writer.ts";
import { LayerTally, type TallyColumns } from "./layer_tally.ts";
import type { FeatureSink } from "./ordered_writer.ts";

/** What the thread makes of a batch. */
export interface Encoded {
  readonly tally: TallyColumns;
}

/** Where encoded batches go. */
export interface EncodedTarget<Batch extends Encoded> {
  /** One after the other, in order. */
  add(encoded: Batch): Promise<void>;
  /** Puts the file at its place. @param pool for what takes long */
  complete(tally: LayerTally, pool: WorkerPool, signal: AbortSignal | undefined): Promise<FeatureFileSummary>;
  /** After `complete` or instead of it: takes away what has not been put at its place. */
  close(): Promise<void>;
}

/** Batches are encoded on a thread, unless their producer has done it; what comes back is written from here, which costs the event loop nothing. */
export class EncodedSink<Batch extends Encoded, Options> implements FeatureSink {
  readonly #pool = new WorkerPool({ maxThreads: 1 });
  readonly #task: WorkerTask<[FeatureBatch, Options], Batch>;
  readonly #options: Options;
  readonly #target: EncodedTarget<Batch>;
  readonly #tally: LayerTally;
  #added: Promise<void> = Promise.resolve();

  constructor(
    task: WorkerTask<[FeatureBatch, Options], Batch>,
    options: Options,
    target: EncodedTarget<Batch>,
    layers: readonly FeatureLayer[],
  ) {
    this.#task = task;
    this.#options = options;
    this.#target = target;
    this.#tally = new LayerTally(layers.length);
  }

  get encoding(): BatchEncoding {
    return { module: this.#task.module, name: this.#task.name, options: this.#options };
  }

  async append(batch: FeatureBatch | EncodedBatch, signal: AbortSignal | undefined): Promise<void> {
    const encoded = isEncoded(batch)
      ? Promise.resolve(batch.encoded as Batch)
      : this.#pool.run(this.#task, [batch, this.#options], { signal, transfer: batchBuffers(batch) });
    const before = this.#added;
    this.#added = this.#add(encoded, before);
    // Whoever waits for the next one hears of it through his own batch.
    this.#added.catch(() => undefined);
    return abortable(this.#added, signal);
  }

  complete(signal: AbortSignal | undefined): Promise<FeatureFileSummary> {
    return this.#target.complete(this.#tally, this.#pool, signal);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#added.catch(() => undefined);
    await this.#target.close();
  }

  async #add(encoded: Promise<Batch>, before: Promise<void>): Promise<void> {
    const [batch] = await Promise.all([encoded, before]);
    await this.#target.add(batch);
    this.#tally.merge(batch.tally);
  }
}
