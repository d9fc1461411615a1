import { ColumnType } from "flatgeobuf/lib/mjs/flat-geobuf/column-type.js";
import type { Row } from "../row_maker.ts";
import type { FlatgeobufColumn } from "./columns.ts";

/** A character of text is at most three bytes of UTF-8. */
const MAX_CHARACTER_BYTES = 3;
/** Number of the column, and a number or the length of a text. */
const MAX_HEAD_BYTES = 2 + 8;

/** Properties of features as FlatGeobuf has them: number of the column and value, nulls left out. One after another into the same memory. */
export class PropertyBytes {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** @param row values from place 2 on; the bytes hold until the next call */
  write(columns: readonly FlatgeobufColumn[], row: Row): Uint8Array {
    this.#at = 0;
    for (const [index, { type }] of columns.entries()) {
      const value = row[2 + index];
      if (typeof value === "string") this.#text(index, value);
      else if (typeof value === "number") this.#number(index, value, type);
    }
    return this.#bytes.subarray(0, this.#at);
  }

  #text(index: number, value: string): void {
    this.#begin(index, MAX_CHARACTER_BYTES * value.length);
    const { written } = this.#encoder.encodeInto(value, this.#bytes.subarray(this.#at + 4));
    this.#view.setUint32(this.#at, written, true);
    this.#at += 4 + written;
  }

  #number(index: number, value: number, type: FlatgeobufColumn["type"]): void {
    this.#begin(index, 0);
    if (type === ColumnType.Long) this.#view.setBigInt64(this.#at, BigInt(Math.trunc(value)), true);
    else this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  #begin(index: number, textBytes: number): void {
    const needed = this.#at + MAX_HEAD_BYTES + textBytes;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#view.setUint16(this.#at, index, true);
    this.#at += 2;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
