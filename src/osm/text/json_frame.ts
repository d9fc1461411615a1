import { TilthError } from "../../core/index.ts";
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./json_bytes.ts";

const MAX_FRAME_BYTES = 1024 * 1024;
/** Longer than `elements`. */
const MAX_KEY_CHARS = 16;

/** What stands around the elements of a document `{ ..., "elements": [ ], ... }`. */
export class JsonFrame {
  /** The bytes that come next are elements, or the bracket behind them. */
  inElements = false;
  readonly #parts: Buffer[] = [];
  #sizeBytes = 0;
  /** Braces and brackets that are open. */
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  /** The last text at depth 1: a key, when a list follows. */
  #key: number[] = [];
  #hadElements = false;
  #isDone = false;

  /** Goes on at `from`, to the first element or the end of the bytes. @returns where that is @throws `osm.invalid` when it grows too large */
  feed(bytes: Buffer, from: number): number {
    this.inElements = false;
    for (let at = from; at < bytes.length; at++) {
      this.#pass(bytes[at] as number);
      if (!this.inElements) continue;
      this.#keep(bytes.subarray(from, at + 1));
      return at + 1;
    }
    this.#keep(bytes.subarray(from));
    return bytes.length;
  }

  /** All of it, parsed. @throws `osm.truncated`, `osm.invalid` */
  end(): Record<string, unknown> {
    if (!this.#isDone)
      throw new TilthError("osm.truncated", "expected the JSON to end, but it was cut short; fetch it again");
    const text = Buffer.concat(this.#parts)
      .toString("utf8")
      .replace(/^\uFEFF/, "");
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (cause) {
      throw notOverpass("something else", cause);
    }
  }

  #pass(byte: number): void {
    if (this.#inText) this.#passText(byte);
    else if (byte === QUOTE) this.#beginText();
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth += 1;
      // Once only: what has ended has no elements any more, and those of a second list stay in the frame.
      this.inElements = this.#depth === 2 && byte === OPEN_BRACKET && !this.#hadElements && this.#isKeyElements();
      this.#hadElements ||= this.inElements;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#isDone = true;
    }
  }

  #beginText(): void {
    this.#inText = true;
    if (this.#depth === 1) this.#key = [];
  }

  #passText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inText = false;
    else if (this.#depth === 1 && this.#key.length < MAX_KEY_CHARS) this.#key.push(byte);
  }

  #isKeyElements(): boolean {
    return !this.#isDone && String.fromCharCode(...this.#key) === "elements";
  }

  #keep(bytes: Buffer): void {
    this.#sizeBytes += bytes.byteLength;
    if (this.#sizeBytes > MAX_FRAME_BYTES) throw notOverpass("a document without elements");
    this.#parts.push(Buffer.from(bytes));
  }
}

function notOverpass(got: string, cause?: unknown): TilthError {
  return new TilthError("osm.invalid", `expected Overpass JSON ({ elements: [...] }), got ${got}`, { cause });
}
