import { throwIfAborted, TilthError } from "../core/index.ts";
import type { BatchEncoding, EncodedBatch } from "./batch_encoding.ts";
import type { FeatureBatch } from "./feature_batch.ts";
import type { FeatureFileSummary, FeatureWriter } from "./feature_writer.ts";

/** What a format does; `OrderedWriter` sees to it that each is called when it may be. */
export interface FeatureSink {
  /** Null: it takes batches only as they are. */
  readonly encoding: BatchEncoding | null;
  /** Batches may be given before those ahead are done; they are written in the order in which they were given. */
  append(batch: FeatureBatch | EncodedBatch, signal: AbortSignal | undefined): Promise<void>;
  /** As `FeatureWriter.endLayers`, in the order of the batches. Left out: it has nothing to do then. */
  endLayers?(layers: readonly number[], signal: AbortSignal | undefined): Promise<void>;
  /** After all batches. Puts the file at its place, or rejects and leaves what is there. */
  complete(signal: AbortSignal | undefined): Promise<FeatureFileSummary>;
  /** After `complete` or instead of it: gives everything back, and takes away what has not been put at its place. */
  close(): Promise<void>;
}

/**
 * A writer over a format's sink. Open: takes batches. Broken: a batch was not written whole, so that the file would lack features; takes nothing.
 * Ending: `finish` was called. Closed: nothing more.
 */
export class OrderedWriter implements FeatureWriter {
  readonly path: string;
  readonly #sink: FeatureSink;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  #state: "open" | "broken" | "ending" | "closed" = "open";
  #fault: unknown;
  #ending: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** @param signal of the whole file */
  constructor(path: string, sink: FeatureSink, signal?: AbortSignal) {
    this.path = path;
    this.#sink = sink;
    this.#signal = signal;
  }

  get encoding(): BatchEncoding | null {
    return this.#sink.encoding;
  }

  async write(batch: FeatureBatch | EncodedBatch, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#do((either) => this.#sink.append(batch, either), signal);
  }

  async endLayers(layers: readonly number[], { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#do(async (either) => this.#sink.endLayers?.(layers, either), signal);
  }

  async finish({ signal }: { signal?: AbortSignal } = {}): Promise<FeatureFileSummary> {
    this.#expectOpen();
    const either = this.#either(signal);
    throwIfAborted(either);
    this.#state = "ending";
    const completed = this.#complete(either);
    this.#ending = completed;
    const summary = await completed;
    await this[Symbol.asyncDispose]();
    return summary;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #do(act: (signal: AbortSignal) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    this.#expectOpen();
    const either = this.#either(signal);
    throwIfAborted(either);
    const done = act(either);
    this.#pending.add(done);
    try {
      await done;
    } catch (error) {
      this.#break(error);
      throw error;
    } finally {
      this.#pending.delete(done);
    }
  }

  async #complete(signal: AbortSignal): Promise<FeatureFileSummary> {
    await Promise.all(this.#pending);
    throwIfAborted(signal);
    return this.#sink.complete(signal);
  }

  async #close(): Promise<void> {
    this.#state = "closed";
    this.#stop.abort();
    await Promise.allSettled([...this.#pending, this.#ending]);
    await this.#sink.close();
  }

  #break(error: unknown): void {
    this.#fault ??= error;
    if (this.#state === "open") this.#state = "broken";
  }

  #either(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.#signal, signal].filter((each) => each !== undefined));
  }

  #expectOpen(): void {
    if (this.#state === "open") return;
    const why = this.#state === "broken" ? "a batch was not written" : "it has been finished or closed";
    throw new TilthError(
      "argument.invalid",
      `expected ${this.path} to be open for features, but ${why}; open it again`,
      {
        fields: { path: this.path },
        cause: this.#fault,
      },
    );
  }
}
