import { tmpdir } from "node:os";
import { Uint8Column } from "../../core/index.ts";
import { SpillFile } from "../../feature/index.ts";
import { unpackRelations, type PackedRelations } from "./relation_record.ts";
import type { ScannedRelation } from "./scanned_relation.ts";

export interface RelationStoreOptions {
  /** Memory for relations, bytes; what does not fit goes to a file. @default 1 MiB */
  readonly maxBytes?: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

const MAX_BYTES = 1024 * 1024;

/** Read at a time; more where a relation is longer. */
const WINDOW_BYTES = 128 * 1024;

/**
 * Relations that may become areas, packed, past a limit in a file: 24 bytes, 9 for each member, and their tags as text. A country has some hundred megabytes of them, and
 * they are looked at twice, from the first to the last.
 */
export class RelationStore implements Iterable<ScannedRelation>, Disposable {
  readonly #maxBytes: number;
  readonly #folder: string;
  /** Those that came last. */
  readonly #memory = new Uint8Column(4096);
  #file: SpillFile | null = null;
  #fileBytes = 0;
  #memberCount = 0;

  constructor({ maxBytes = MAX_BYTES, folder = tmpdir() }: RelationStoreOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#folder = folder;
  }

  /** Ways that are members, each as often as it is one. */
  get memberCount(): number {
    return this.#memberCount;
  }

  /** @throws `store.full`, `store.io` */
  add({ bytes, memberCount }: PackedRelations): void {
    this.#memberCount += memberCount;
    if (this.#memory.length + bytes.length > this.#maxBytes) {
      this.#spill(this.#memory.view());
      this.#memory.cut(0);
    }
    if (bytes.length > this.#maxBytes) return this.#spill(bytes);
    const at = this.#memory.length;
    this.#memory.extend(bytes.length).set(bytes, at);
  }

  /** In the order in which they came. Members are views that hold until the next one is asked for. @throws `store.io` */
  *[Symbol.iterator](): Generator<ScannedRelation> {
    const window = new Uint8Column(this.#fileBytes === 0 ? 0 : WINDOW_BYTES);
    for (let offset = 0; offset < this.#fileBytes;) {
      const held = window.length;
      // Not even one is whole: twice as much.
      const room = held < window.values.length ? window.values.length - held : held;
      const count = Math.min(room, this.#fileBytes - offset);
      this.#file?.read(offset, window.extend(count).subarray(held, held + count));
      offset += count;
      const done = yield* unpackRelations(window.view());
      window.values.copyWithin(0, done, window.length);
      window.cut(window.length - done);
    }
    yield* unpackRelations(this.#memory.view());
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  #spill(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#file ??= new SpillFile(this.#folder);
    this.#file.append(bytes);
    this.#fileBytes += bytes.length;
  }
}
