import { Uint8Column } from "../../core/index.ts";
import type { ScannedRelation } from "./scanned_relation.ts";

/** Relations one behind the other. */
export interface PackedRelations {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Ways that are members, each as often as it is one. */
  readonly memberCount: number;
}

/** Id (8 bytes); theme, members, bytes of text, nothing (4 each). Then members, whether each is outer, text, and up to 7 bytes so that the next one begins at a multiple of 8. */
const HEAD_BYTES = 24;
const NO_THEME = -1;
type Head = [theme: number, members: number, textBytes: number];

/** Of a part, which may have thousands: as objects they took the main thread 1 KiB each. */
export function packRelations(relations: Iterable<ScannedRelation>): PackedRelations {
  const bytes = new Uint8Column(0);
  let memberCount = 0;
  for (const relation of relations) {
    packRelation(relation, bytes);
    memberCount += relation.memberWays.length;
  }
  return { bytes: bytes.take(), memberCount };
}

function packRelation({ id, theme, tagsText, memberWays, isOuter }: ScannedRelation, into: Uint8Column): void {
  const text = Buffer.from(tagsText);
  const count = memberWays.length;
  const at = into.length;
  const size = sizeOf(count, text.length);
  const { buffer } = into.extend(size);
  new Float64Array(buffer, at, 1)[0] = id;
  new Int32Array(buffer, at + 8, 4).set([theme ?? NO_THEME, count, text.length, 0]);
  new Float64Array(buffer, at + HEAD_BYTES, count).set(memberWays);
  const bytes = new Uint8Array(buffer, at + HEAD_BYTES + 8 * count);
  bytes.set(isOuter);
  bytes.set(text, count);
}

/**
 * Relations that were packed one behind the other, from the beginning of a buffer on, as far as they are whole; members, and tags until they are asked for, are views of it.
 * @returns bytes of the whole ones
 */
export function* unpackRelations({ buffer, byteLength }: Uint8Array<ArrayBuffer>): Generator<ScannedRelation, number> {
  const doubles = new Float64Array(buffer, 0, Math.floor(byteLength / 8));
  const integers = new Int32Array(doubles.buffer, 0, 2 * doubles.length);
  for (let at = 0; ;) {
    if (at + HEAD_BYTES > byteLength) return at;
    const [theme, count, textBytes] = [2, 3, 4].map((place) => integers[at / 4 + place] as number) as Head;
    const size = sizeOf(count, textBytes);
    if (at + size > byteLength) return at;
    const members = at + HEAD_BYTES;
    const roles = members + 8 * count;
    yield {
      id: doubles[at / 8] as number,
      theme: theme === NO_THEME ? null : theme,
      // Of two walks over all relations one needs no tags.
      get tagsText() {
        return Buffer.from(buffer, roles + count, textBytes).toString();
      },
      memberWays: new Float64Array(buffer, members, count),
      isOuter: new Uint8Array(buffer, roles, count),
    };
    at += size;
  }
}

function sizeOf(members: number, textBytes: number): number {
  return Math.ceil((HEAD_BYTES + 9 * members + textBytes) / 8) * 8;
}
