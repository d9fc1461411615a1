// Where the columns of `json_elements` lie in memory, addresses in bytes; the input behind them.

/** Of one run. */
export const MAX_ELEMENTS: i32 = 8192;
export const MAX_REFS: i32 = 65_536;
/** Keys and values, of nodes and of ways. */
export const MAX_TAGS: i32 = 65_536;
/** Different ones of an input, until they are numbered anew. */
export const MAX_TEXTS: i32 = 8192;
/** Their keys are compared with each other: beyond this the long way is shorter. */
export const MAX_ELEMENT_TAGS: i32 = 64;
/** A power of two, at most a quarter of which is taken. */
export const SLOT_COUNT: i32 = 32_768;

/** Nodes, ways, tags of nodes, tags of ways, refs, first text of this run, texts: 32 bits each. */
export const COUNTS: i32 = 1024;
export const TEXT_COUNT: i32 = COUNTS + 24;
export const ELEMENT_TAGS: i32 = COUNTS + 64;
export const NODE_IDS: i32 = ELEMENT_TAGS + 8 * MAX_ELEMENT_TAGS;
export const WAY_IDS: i32 = NODE_IDS + 8 * MAX_ELEMENTS;
export const REFS: i32 = WAY_IDS + 8 * MAX_ELEMENTS;
export const NODE_LONS: i32 = REFS + 8 * MAX_REFS;
export const NODE_LATS: i32 = NODE_LONS + 4 * MAX_ELEMENTS;
export const NODE_TAG_ENDS: i32 = NODE_LATS + 4 * MAX_ELEMENTS;
export const WAY_REF_ENDS: i32 = NODE_TAG_ENDS + 4 * MAX_ELEMENTS;
export const WAY_TAG_ENDS: i32 = WAY_REF_ENDS + 4 * MAX_ELEMENTS;
/** Numbers of texts: key, value, key, value ... */
export const NODE_TAGS: i32 = WAY_TAG_ENDS + 4 * MAX_ELEMENTS;
export const WAY_TAGS: i32 = NODE_TAGS + 4 * MAX_TAGS;
/** Of each where it begins in the input, its bytes, and a hash of them. */
export const TEXTS: i32 = WAY_TAGS + 4 * MAX_TAGS;
/** Numbers of texts + 1. */
export const SLOTS: i32 = TEXTS + 12 * MAX_TEXTS;
export const WAY_IS_RING: i32 = SLOTS + 4 * SLOT_COUNT;
export const INPUT: i32 = WAY_IS_RING + MAX_ELEMENTS;

/** Bytes that JSON (RFC 8259) is made of. */
export const QUOTE: i32 = 0x22;
export const COMMA: i32 = 0x2c;
export const MINUS: i32 = 0x2d;
export const POINT: i32 = 0x2e;
export const ZERO: i32 = 0x30;
export const COLON: i32 = 0x3a;
export const BACKSLASH: i32 = 0x5c;
export const OPEN_BRACE: i32 = 0x7b;
export const CLOSE_BRACE: i32 = 0x7d;
export const OPEN_BRACKET: i32 = 0x5b;
export const CLOSE_BRACKET: i32 = 0x5d;
