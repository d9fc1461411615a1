import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "../text/json_bytes.ts";

/** Texts of the document itself that are kept: an answer has seven. */
const MAX_TEXTS = 100;

/** What a JSON document looks like from far away. */
export interface JsonOutline {
  /** Whether every bracket and text is closed: an answer may be cut short behind a brace. */
  readonly isWhole: boolean;
  /** Keys of the document itself, and those of their values that are texts, in order: not those of the elements within. */
  readonly texts: readonly string[];
}

/** Reads no element: 1 ms for each megabyte or two. */
export function outlineJson(body: Uint8Array): JsonOutline {
  const texts: string[] = [];
  let depth = 0;
  let textFrom = -1;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (textFrom !== -1 && byte === BACKSLASH) i += 1;
    else if (byte === QUOTE) {
      if (textFrom !== -1 && depth === 1 && texts.length < MAX_TEXTS)
        texts.push(decode(body.subarray(textFrom, i + 1)));
      textFrom = textFrom === -1 ? i : -1;
    } else if (textFrom !== -1) continue;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return { isWhole: depth === 0 && textFrom === -1, texts };
}

/** As it stands there where it is no text of JSON. */
function decode(quoted: Uint8Array): string {
  const text = Buffer.from(quoted.buffer, quoted.byteOffset, quoted.byteLength).toString("utf8");
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
