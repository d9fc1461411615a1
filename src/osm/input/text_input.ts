import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";
import { messageOf, throwIfAborted, TilthError } from "../../core/index.ts";
import type { OsmPart } from "../import/osm_part.ts";
import { readText } from "../text/text_thread.ts";
import type { DocumentFacts } from "../text/text_reader.ts";
import type { TextFormat } from "../text/text_worker.ts";
import type { OsmInput } from "./osm_input.ts";

const PIECE_BYTES = 1024 * 1024;

/** An `.osm` (XML) or Overpass JSON file, gzipped or not. */
export class TextInput implements OsmInput {
  readonly name: string;
  readonly #path: string;
  readonly #format: TextFormat;
  readonly #isGzipped: boolean;
  #dataTimeMs: number | null = null;

  constructor(path: string, format: TextFormat, isGzipped: boolean) {
    this.#path = path;
    this.#format = format;
    this.#isGzipped = isGzipped;
    this.name = basename(path);
  }

  get dataTimeMs(): number | null {
    return this.#dataTimeMs;
  }

  async *parts(signal?: AbortSignal): AsyncGenerator<OsmPart> {
    const blocks = readText(this.#pieces(signal), this.#format, signal);
    let next = await blocks.next();
    try {
      for (; next.done !== true; next = await blocks.next()) yield { kind: "packed", bytes: next.value };
    } finally {
      await blocks.return({ dataTimeMs: null, remark: null });
    }
    this.#dataTimeMs = next.value.dataTimeMs;
    expectWhole(this.#path, next.value);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const file = createReadStream(this.#path, { highWaterMark: PIECE_BYTES });
    const stream = this.#isGzipped ? file.pipe(createGunzip({ chunkSize: PIECE_BYTES })) : file;
    // Pipes do not hand errors on.
    file.on("error", (error) => stream.destroy(error));
    try {
      for await (const piece of stream) {
        throwIfAborted(signal);
        yield piece as Uint8Array<ArrayBuffer>;
      }
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      if (!code.startsWith("Z_") && !code.startsWith("E")) throw cause;
      const what = code === "Z_BUF_ERROR" ? "osm.truncated" : code.startsWith("Z_") ? "osm.invalid" : "store.io";
      throw new TilthError(what, `could not read ${this.#path}: ${messageOf(cause)}`, {
        cause,
        fields: { path: this.#path },
      });
    } finally {
      file.destroy();
      stream.destroy();
    }
  }
}

/** @throws `osm.truncated` when the service gave up half-way */
export function expectWhole(path: string, { remark }: DocumentFacts): void {
  if (remark === null || !remark.includes("runtime error")) return;
  const message = `${path} is not whole: the service gave up and said '${remark.slice(0, 300)}'; ask for a smaller area or with a longer timeout`;
  throw new TilthError("osm.truncated", message, { fields: { path, remark } });
}
