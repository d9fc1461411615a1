import { basename } from "node:path";
import { TilthError } from "../../core/index.ts";
import { openFileReader } from "../byte_reader.ts";
import type { OsmPart } from "../import/osm_part.ts";
import { decodeHeader } from "../pbf/decode_header.ts";
import { inflateBlob } from "../pbf/inflate_blob.ts";
import { readBlobs } from "../pbf/read_blobs.ts";
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
    let hasHeader = false;
    for await (const { type, bytes } of readBlobs(reader, signal)) {
      if (type === "OSMData") {
        if (!hasHeader) throw this.#headless();
        yield { kind: "blob", bytes };
        continue;
      }
      const header = decodeHeader(inflateBlob(bytes));
      hasHeader = true;
      this.#dataTimeMs = header.replicationTimestampS === null ? null : header.replicationTimestampS * 1000;
    }
    if (!hasHeader) throw this.#headless();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #headless(): TilthError {
    const message = `expected ${this.#path} to begin with the header of an .osm.pbf file, got none; fetch the file again`;
    return new TilthError("osm.invalid", message, { fields: { path: this.#path } });
  }
}
