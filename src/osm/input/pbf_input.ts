import { basename } from "node:path";
import { TilthError } from "../../core/index.ts";
import { openFileReader } from "../byte_reader.ts";
import type { OsmPart } from "../import/osm_part.ts";
import { decodeHeader } from "../pbf/decode_header.ts";
import { inflateBlob } from "../pbf/inflate_blob.ts";
import { newestVersions } from "../pbf/newest_versions.ts";
import { readBlobs, type PbfBlob } from "../pbf/read_blobs.ts";
import type { OsmInput } from "./osm_input.ts";

/** An `.osm.pbf` file; its blobs are decoded by whoever takes them. */
export class PbfInput implements OsmInput {
  readonly name: string;
  readonly #path: string;
  #dataTimeMs: number | null = null;

  constructor(path: string) {
    this.#path = path;
    this.name = basename(path);
  }

  get dataTimeMs(): number | null {
    return this.#dataTimeMs;
  }

  async *parts(signal?: AbortSignal): AsyncGenerator<OsmPart> {
    await using reader = await openFileReader(this.#path);
    const blobs = readBlobs(reader, signal);
    const first = await blobs.next();
    if (first.done === true || first.value.type !== "OSMHeader") throw this.#headless();
    const { isHistory, replicationTimestampS } = decodeHeader(inflateBlob(first.value.bytes));
    this.#dataTimeMs = replicationTimestampS === null ? null : replicationTimestampS * 1000;
    // Files with history are rare and a hundred times as large as their area: they are decoded here, one blob after another.
    if (isHistory) for await (const block of newestVersions(dataOf(blobs))) yield { kind: "block", block };
    else for await (const bytes of dataOf(blobs)) yield { kind: "blob", bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #headless(): TilthError {
    const message = `expected ${this.#path} to begin with the header of an .osm.pbf file, got none; fetch the file again`;
    return new TilthError("osm.invalid", message, { fields: { path: this.#path } });
  }
}

async function* dataOf(blobs: AsyncIterable<PbfBlob>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { type, bytes } of blobs)
    if (type === "OSMData") yield bytes;
    // Of a file that was put behind another: it may need what is not known.
    else decodeHeader(inflateBlob(bytes));
}
