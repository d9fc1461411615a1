import { openPostgresBook, type ClusterBook } from "../cluster/index.ts";
import type { Logger } from "../core/index.ts";
import { isPostgresRetryable, shownPostgresUrl } from "../postgres/index.ts";
import type { ServedBook } from "../server/index.ts";

interface OpenServedBookOptions {
  /** Aborts when the program is to end. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * The books of a cluster for a server, which does not end with its database: when that is away at the start, they are opened by the first
 * request after it has come back.
 * @throws `postgres.*` for what does not get better by waiting
 */
export async function openServedBook(url: string, options: OpenServedBookOptions): Promise<LateBook> {
  const book = new LateBook(url, options);
  try {
    await book.open();
  } catch (error) {
    if (!isPostgresRetryable(error)) throw error;
    options.logger.warn("Cluster:Away", { error });
  }
  return book;
}

class LateBook implements ServedBook, AsyncDisposable {
  readonly location: string;
  readonly #url: string;
  readonly #options: OpenServedBookOptions;
  #opening: Promise<ClusterBook> | null = null;

  constructor(url: string, options: OpenServedBookOptions) {
    this.location = shownPostgresUrl(url);
    this.#url = url;
    this.#options = options;
  }

  /** Once for all who ask at a time; after an error the next one tries again. */
  open(): Promise<ClusterBook> {
    this.#opening ??= openPostgresBook(this.#url, this.#options).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  listSeeds: ServedBook["listSeeds"] = async (signal) => (await this.open()).listSeeds(signal);
  getStatus: ServedBook["getStatus"] = async (id, signal) => (await this.open()).getStatus(id, signal);
  listDead: ServedBook["listDead"] = async (id, signal) => (await this.open()).listDead(id, signal);
  setState: ServedBook["setState"] = async (id, state) => (await this.open()).setState(id, state);
  retry: ServedBook["retry"] = async (id) => (await this.open()).retry(id);

  async [Symbol.asyncDispose](): Promise<void> {
    const book = await this.#opening?.catch(() => null);
    await book?.close();
  }
}
