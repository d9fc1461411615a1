import { tmpdir } from "node:os";
import { releaseMemory } from "../../core/index.ts";
import { SpillFile } from "../../feature/index.ts";
import type { PackedBlock } from "../packed_block.ts";
import type { OsmPart } from "./osm_part.ts";

export interface PartCacheOptions {
  /** Of blocks in memory; the others go to a file. @default 2 MiB */
  readonly maxBytes?: number;
  /** Of that file. @default 4 GiB */
  readonly maxFileBytes?: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

const MAX_BYTES = 2 * 1024 * 1024;
/** Some 20 GB of XML; what does not fit is parsed again. */
const MAX_FILE_BYTES = 4 * 1024 ** 3;

interface Place {
  readonly offset: number;
  readonly byteLength: number;
}

/** What is known of the parts after the first look: which need no second one, and the blocks of texts, which are dear to parse. */
export class PartCache implements Disposable {
  readonly #options: Required<PartCacheOptions>;
  readonly #blocks = new Map<number, PackedBlock>();
  readonly #places = new Map<number, Place>();
  readonly #bare = new Set<number>();
  #bytes = 0;
  #fileBytes = 0;
  #file: SpillFile | null = null;

  constructor({ maxBytes = MAX_BYTES, maxFileBytes = MAX_FILE_BYTES, folder = tmpdir() }: PartCacheOptions = {}) {
    this.#options = { maxBytes, maxFileBytes, folder };
  }

  /** @param index of the part in the input @param part its block is used up @throws `store.full`, `store.io` */
  offer(index: number, { kept, isBare }: { kept: PackedBlock | null; isBare: boolean }): void {
    if (isBare) this.#bare.add(index);
    if (kept === null) return;
    if (this.#bytes + kept.byteLength <= this.#options.maxBytes) {
      this.#bytes += kept.byteLength;
      this.#blocks.set(index, kept);
    } else if (this.#fileBytes + kept.byteLength <= this.#options.maxFileBytes) this.#spill(index, kept);
  }

  /** Whether the input need not be read again. */
  hasAll(count: number): boolean {
    return this.#blocks.size + this.#places.size + this.#bare.size === count;
  }

  isBare(index: number): boolean {
    return this.#bare.has(index);
  }

  /** Hands a block out; it is not kept any longer. @throws `store.io` */
  take(index: number): OsmPart | null {
    const bytes = this.#blocks.get(index) ?? this.#read(index);
    this.#blocks.delete(index);
    return bytes === null ? null : { kind: "packed", bytes };
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }

  #spill(index: number, kept: PackedBlock): void {
    this.#file ??= new SpillFile(this.#options.folder);
    this.#places.set(index, { offset: this.#file.append(kept), byteLength: kept.byteLength });
    this.#fileBytes += kept.byteLength;
    releaseMemory([kept]);
  }

  #read(index: number): PackedBlock | null {
    const place = this.#places.get(index);
    if (place === undefined || this.#file === null) return null;
    this.#places.delete(index);
    const bytes = new Uint8Array(place.byteLength);
    this.#file.read(place.offset, bytes);
    return bytes;
  }
}
