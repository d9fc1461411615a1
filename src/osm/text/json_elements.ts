import { TilthError } from "../../core/index.ts";
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./json_bytes.ts";
import { MAX_OBJECT_BYTES } from "./text_reader.ts";

/** Of what stands around the elements. */
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * Cuts a document `{ ..., "elements": [ {...}, ... ], ... }` into its elements without parsing it as a whole: a planet of JSON passes through
 * the memory of a few objects.
 */
export class JsonElements {
  readonly #frame: Uint8Array[] = [];
  #frameBytes = 0;
  /** Bytes of an element that has not ended. */
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  /** Braces and brackets that are open; the elements' own stand at 2. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The last text at depth 1: a key, when a list follows. */
  #key: number[] = [];
  #inElements = false;
  #hasElements = false;
  #isDone = false;

  /** @returns the text of a JSON list of the elements that are whole now, or null @throws `osm.invalid`, `osm.tooLarge` */
  feed(bytes: Uint8Array): string | null {
    let start = 0;
    let end = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.#inString) {
        this.#passText(byte);
        continue;
      }
      if (byte === QUOTE) this.#beginText();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth += 1;
        if (this.#depth === 2 && byte === OPEN_BRACKET && this.#isKeyElements()) {
          this.#keepFrame(bytes.subarray(start, i + 1));
          this.#inElements = true;
          start = end = i + 1;
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth -= 1;
        if (this.#depth === 0) this.#isDone = true;
        else if (this.#inElements && this.#depth === 2) end = i + 1;
        else if (this.#inElements && this.#depth === 1) {
          this.#inElements = false;
          // To the very end: what stands behind the last element must be nothing.
          const whole = this.#take(bytes, start, i);
          this.#keepFrame(bytes.subarray(i));
          if (i + 1 < bytes.length) this.#scanFrame(bytes, i + 1);
          return whole;
        }
      }
    }
    if (!this.#inElements) {
      this.#keepFrame(bytes.subarray(start));
      return null;
    }
    const whole = end > start ? this.#take(bytes, start, end) : null;
    this.#keepRest(bytes.subarray(end));
    return whole;
  }

  /** What stood around the elements, parsed. @throws `osm.truncated`, `osm.invalid` */
  end(): Record<string, unknown> {
    if (!this.#isDone)
      throw new TilthError("osm.truncated", "expected the JSON to end, but it was cut short; fetch it again");
    const text = decode(this.#frame).replace(/^\uFEFF/, "");
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (cause) {
      throw new TilthError("osm.invalid", "expected Overpass JSON ({ elements: [...] }), got something else", {
        cause,
      });
    }
  }

  /** Behind the elements: only brackets count. */
  #scanFrame(bytes: Uint8Array, from: number): void {
    for (let i = from; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.#inString) this.#passText(byte);
      else if (byte === QUOTE) this.#beginText();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth -= 1;
      if (this.#depth === 0) this.#isDone = true;
    }
  }

  #beginText(): void {
    this.#inString = true;
    if (this.#depth === 1) this.#key = [];
  }

  #passText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inString = false;
    else if (this.#depth === 1 && this.#key.length < 16) this.#key.push(byte);
  }

  #isKeyElements(): boolean {
    return !this.#isDone && String.fromCharCode(...this.#key) === "elements";
  }

  #take(bytes: Uint8Array, start: number, end: number): string | null {
    const text = decode([...this.#rest, bytes.subarray(start, end)]).trim();
    this.#rest = [];
    this.#restBytes = 0;
    // Between the elements that were taken before and these.
    const elements = this.#hasElements && text.startsWith(",") ? text.slice(1) : text;
    if (text === "") return null;
    this.#hasElements = true;
    return `[${elements}]`;
  }

  #keepRest(bytes: Uint8Array): void {
    this.#restBytes += bytes.byteLength;
    if (this.#restBytes > MAX_OBJECT_BYTES)
      throw new TilthError(
        "osm.tooLarge",
        `expected objects of less than ${MAX_OBJECT_BYTES} bytes in the JSON, got a larger one`,
      );
    this.#rest.push(bytes.slice());
  }

  #keepFrame(bytes: Uint8Array): void {
    this.#frameBytes += bytes.byteLength;
    if (this.#frameBytes > MAX_FRAME_BYTES)
      throw new TilthError(
        "osm.invalid",
        "expected Overpass JSON ({ elements: [...] }), got a document without elements",
      );
    this.#frame.push(bytes.slice());
  }
}

function decode(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString("utf8");
}
