// Texts that do not change from batch to batch, by number: those of the format, then those of its layers.
import { copyShort } from "./batch_texts";

/** In the order of `WORDS` (`src/feature/geojson/pack_geojson.ts`); the kinds of geometry by their codes behind `KINDS`. */
export const enum Word {
  BEFORE,
  BETWEEN,
  HEAD,
  ID,
  PROPERTIES,
  GEOMETRY,
  KINDS,
}

/** Of each: address and bytes, 32 bits. */
let WORDS: i32 = 0;

export function placeWords(table: i32): void {
  WORDS = table;
}

export function wordSize(word: i32): i32 {
  return load<i32>(WORDS + 8 * word + 4);
}

/** @returns where it ends */
export function putWord(to: i32, word: i32): i32 {
  return copyShort(to, load<i32>(WORDS + 8 * word), wordSize(word));
}
