import { TilthError } from "../../core/index.ts";
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  isBlank,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from "./json_bytes.ts";
import { JsonFrame } from "./json_frame.ts";
import { MAX_OBJECT_BYTES } from "./text_reader.ts";

/** Who takes the elements. */
export interface ElementTaker {
  /**
   * Takes the element that begins at `from`, if it can, and may take more behind it.
   * @returns where the last one ends; -1 when the first was not taken, because it is not plain or not whole
   */
  takePlain(bytes: Buffer, from: number): number;
  /** Any that is whole. @throws `osm.invalid` */
  take(element: Buffer): void;
}

/**
 * Cuts a document `{ ..., "elements": [ {...}, ... ], ... }` into its elements without parsing it as a whole: a planet of JSON passes through
 * the memory of a few objects.
 */
export class JsonElements {
  readonly #taker: ElementTaker;
  readonly #frame = new JsonFrame();
  /** Bytes of an element that has not ended. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  // Of that element.
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  /** What comes next: the first element, a comma, the element behind one. */
  #expected: "first" | "comma" | "next" = "first";

  constructor(taker: ElementTaker) {
    this.#taker = taker;
  }

  /** Whether the bytes so far end behind the comma of an element. */
  get isAtBorder(): boolean {
    return this.#frame.inElements && this.#restBytes === 0 && this.#expected === "next";
  }

  /** @throws `osm.invalid`, `osm.tooLarge` */
  feed(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let at = this.#frame.inElements ? 0 : this.#frame.feed(bytes, 0);
    if (!this.#frame.inElements) return;
    if (this.#restBytes > 0) {
      const end = this.#findEnd(bytes, 0);
      this.#keepRest(bytes.subarray(0, end === -1 ? bytes.length : end));
      if (end === -1) return;
      this.#taker.take(Buffer.concat(this.#rest));
      this.#rest = [];
      this.#restBytes = 0;
      at = end;
    }
    this.#cut(bytes, at);
  }

  /** What stood around the elements, parsed. @throws `osm.truncated`, `osm.invalid` */
  end(): Record<string, unknown> {
    return this.#frame.end();
  }

  #cut(bytes: Buffer, from: number): void {
    for (let at = from; at < bytes.length;) {
      const byte = bytes[at] as number;
      if (isBlank(byte)) at += 1;
      else if (byte === CLOSE_BRACKET && this.#expected !== "next") {
        this.#frame.feed(bytes, at);
        return;
      } else if (this.#expected === "comma") {
        if (byte !== COMMA) throw invalid("something between elements");
        this.#expected = "next";
        at += 1;
      } else {
        if (byte !== OPEN_BRACE) throw invalid("an element that is no object");
        this.#expected = "comma";
        at = this.#takeOne(bytes, at);
      }
    }
  }

  /** @returns where it ends; the end of the bytes when it has none there */
  #takeOne(bytes: Buffer, from: number): number {
    const plainEnd = this.#taker.takePlain(bytes, from);
    if (plainEnd !== -1) return plainEnd;
    this.#depth = 0;
    const end = this.#findEnd(bytes, from);
    if (end === -1) {
      this.#keepRest(bytes.subarray(from));
      return bytes.length;
    }
    this.#taker.take(bytes.subarray(from, end));
    return end;
  }

  /** Behind the brace that closes the element; -1 when it goes on. */
  #findEnd(bytes: Buffer, from: number): number {
    // Own variables: fields would be written at every byte.
    let [depth, inText, isEscaped, end] = [this.#depth, this.#inText, this.#isEscaped, -1];
    for (let at = from; at < bytes.length && end === -1; at++) {
      const byte = bytes[at] as number;
      if (inText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) end = at + 1;
    }
    this.#depth = depth;
    this.#inText = inText;
    this.#isEscaped = isEscaped;
    return end;
  }

  #keepRest(bytes: Buffer): void {
    this.#restBytes += bytes.byteLength;
    if (this.#restBytes > MAX_OBJECT_BYTES)
      throw new TilthError(
        "osm.tooLarge",
        `expected objects of less than ${MAX_OBJECT_BYTES} bytes in the JSON, got a larger one`,
      );
    this.#rest.push(Buffer.from(bytes));
  }
}

function invalid(got: string): TilthError {
  return new TilthError("osm.invalid", `expected Overpass JSON, got ${got}`);
}
