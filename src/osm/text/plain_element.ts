import type { BlockBuilder } from "../block_builder.ts";
import { UNITS_PER_DEGREE } from "../osm_block.ts";
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isBlank,
  isDigit,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  POINT,
  QUOTE,
  ZERO,
} from "./json_bytes.ts";

/** Digits behind the point of a degree: more than OpenStreetMap keeps are rounded the long way. */
const UNIT_DIGITS = 7;
/** Keys are compared with each other: beyond this the long way is shorter. */
const MAX_TAGS = 64;
const MAX_LON = 180 * UNITS_PER_DEGREE;
const MAX_LAT = 90 * UNITS_PER_DEGREE;

/** What has been read of an element, as bits. */
const SEEN = { type: 1, id: 2, lat: 4, lon: 8, nodes: 16, tags: 32 } as const;
const NODE = SEEN.type | SEEN.id | SEEN.lat | SEEN.lon;
const WAY = SEEN.type | SEEN.id | SEEN.nodes;

/**
 * Nodes and ways as nearly all are written, straight from their bytes to columns: 90 MB/s where `JSON.parse` and its objects take 30. What is
 * written in any other way (escapes, members, geometry, numbers with exponents, keys twice, faults) is not touched: it goes the long way, which
 * also knows what to say of it.
 */
export class PlainElements {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #isNode = false;
  #id = 0;
  #lat = 0;
  #lon = 0;
  readonly #tags: number[] = [];
  readonly #refs: number[] = [];
  // Of the text that was passed last.
  #textFrom = 0;
  #textTo = 0;
  #hash = 0;
  #isAscii = true;

  /** Adds the element that begins at `from`. @returns where it ends; -1 for one that is not plain, or not whole: then nothing is added */
  read(bytes: Buffer, from: number, builder: BlockBuilder): number {
    this.#bytes = bytes;
    this.#at = from;
    this.#tags.length = 0;
    this.#refs.length = 0;
    const seen = this.#readMembers(builder);
    if (this.#isNode && (seen & ~SEEN.tags) === NODE) {
      if (Math.abs(this.#lon) > MAX_LON || Math.abs(this.#lat) > MAX_LAT) return -1;
      builder.addPlain(this.#id, this.#lon, this.#lat, this.#tags);
      return this.#at;
    }
    if (this.#isNode || (seen & ~SEEN.tags) !== WAY) return -1;
    builder.addPlainWay(this.#id, this.#refs, this.#tags);
    return this.#at;
  }

  /** @returns which of the members have been there; 0 for an element that is not plain */
  #readMembers(builder: BlockBuilder): number {
    let seen = 0;
    if (!this.#pass(OPEN_BRACE)) return 0;
    do {
      if (!this.#passText() || !this.#isAscii) return 0;
      const member = this.#findMember();
      if ((seen & member) !== 0 || !this.#pass(COLON)) return 0;
      if (!this.#readValue(member, builder)) return 0;
      seen |= member;
    } while (this.#pass(COMMA));
    return this.#pass(CLOSE_BRACE) ? seen : 0;
  }

  /** Which member the last text names; 0 for others. */
  #findMember(): number {
    const [from, length] = [this.#textFrom, this.#textTo - this.#textFrom];
    if (length === 2) return this.#isText(from, "id") ? SEEN.id : 0;
    if (length === 3) return this.#isText(from, "lat") ? SEEN.lat : this.#isText(from, "lon") ? SEEN.lon : 0;
    if (length === 4) return this.#isText(from, "type") ? SEEN.type : this.#isText(from, "tags") ? SEEN.tags : 0;
    return length === 5 && this.#isText(from, "nodes") ? SEEN.nodes : 0;
  }

  #readValue(member: number, builder: BlockBuilder): boolean {
    switch (member) {
      case SEEN.type:
        return this.#readType();
      case SEEN.id:
        return !Number.isNaN((this.#id = this.#readInteger()));
      case SEEN.lat:
        return !Number.isNaN((this.#lat = this.#readUnits()));
      case SEEN.lon:
        return !Number.isNaN((this.#lon = this.#readUnits()));
      case SEEN.nodes:
        return this.#readRefs();
      case SEEN.tags:
        return this.#readTags(builder);
      default:
        // When, by whom: a text or a number; whatever else there is may be geometry.
        return this.#passText() || !Number.isNaN(this.#readInteger());
    }
  }

  #readType(): boolean {
    if (!this.#passText()) return false;
    const length = this.#textTo - this.#textFrom;
    this.#isNode = length === 4 && this.#isText(this.#textFrom, "node");
    return this.#isNode || (length === 3 && this.#isText(this.#textFrom, "way"));
  }

  #readRefs(): boolean {
    if (!this.#pass(OPEN_BRACKET)) return false;
    if (this.#pass(CLOSE_BRACKET)) return true;
    do {
      const ref = this.#readInteger();
      if (Number.isNaN(ref)) return false;
      this.#refs.push(ref);
    } while (this.#pass(COMMA));
    return this.#pass(CLOSE_BRACKET);
  }

  #readTags(builder: BlockBuilder): boolean {
    if (!this.#pass(OPEN_BRACE)) return false;
    if (this.#pass(CLOSE_BRACE)) return true;
    const tags = this.#tags;
    do {
      if (!this.#passText()) return false;
      const key = this.#intern(builder);
      for (let i = 0; i < tags.length; i += 2) if (tags[i] === key) return false;
      if (tags.length >= 2 * MAX_TAGS || !this.#pass(COLON) || !this.#passText()) return false;
      tags.push(key, this.#intern(builder));
    } while (this.#pass(COMMA));
    return this.#pass(CLOSE_BRACE);
  }

  #intern({ texts }: BlockBuilder): number {
    if (this.#isAscii) return texts.internAscii(this.#bytes, this.#textFrom, this.#textTo, this.#hash);
    return texts.intern(this.#bytes.toString("utf8", this.#textFrom, this.#textTo));
  }

  #isText(from: number, text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #skipBlanks(): number {
    let at = this.#at;
    while (isBlank(this.#bytes[at])) at += 1;
    this.#at = at;
    return this.#bytes[at] ?? 0;
  }

  #pass(byte: number): boolean {
    if (this.#skipBlanks() !== byte) return false;
    this.#at += 1;
    return true;
  }

  /** A text without escapes, with a hash of its bytes (FNV-1a). */
  #passText(): boolean {
    if (!this.#pass(QUOTE)) return false;
    const bytes = this.#bytes;
    let at = this.#at;
    let hash = -2_128_831_035;
    let all = 0;
    this.#textFrom = at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH || byte < 0x20) return false;
      hash = Math.imul(hash ^ byte, 16_777_619);
      all |= byte;
    }
    this.#textTo = at;
    this.#at = at + 1;
    this.#hash = hash ^ (hash >>> 15);
    this.#isAscii = all < 0x80;
    return at < bytes.length;
  }

  /** NaN for what is none, or is not whole. */
  #readInteger(): number {
    const isNegative = this.#pass(MINUS);
    const value = this.#readDigits(isNegative);
    const next = this.#bytes[this.#at];
    if (!Number.isSafeInteger(value) || next === POINT || !endsNumber(next)) return Number.NaN;
    return isNegative ? -value : value;
  }

  /** Degrees as units; NaN for what is no number, or is not whole. */
  #readUnits(): number {
    const isNegative = this.#pass(MINUS);
    let value = this.#readDigits(isNegative);
    let digits = 0;
    if (this.#bytes[this.#at] === POINT) {
      this.#at += 1;
      for (; digits < UNIT_DIGITS; digits++) {
        const byte = this.#bytes[this.#at];
        if (!isDigit(byte)) break;
        value = value * 10 + (byte - ZERO);
        this.#at += 1;
      }
      if (digits === 0) return Number.NaN;
    }
    if (!endsNumber(this.#bytes[this.#at])) return Number.NaN;
    for (; digits < UNIT_DIGITS; digits++) value *= 10;
    return isNegative ? -value : value;
  }

  /** @param isSigned nothing may stand between the sign and the digits */
  #readDigits(isSigned: boolean): number {
    if (!isSigned) this.#skipBlanks();
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    for (let byte = bytes[at]; isDigit(byte); byte = bytes[++at]) value = value * 10 + (byte - ZERO);
    this.#at = at;
    // Without digits, or with a zero in front.
    if (at === from || (bytes[from] === ZERO && at - from > 1)) return Number.NaN;
    return value;
  }
}

/** What may stand behind a number; its end is none, for it may go on in the next piece. */
function endsNumber(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isBlank(byte);
}
