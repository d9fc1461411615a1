import { isTilthError, TilthError } from "../../core/index.ts";

/** Cap on a description document, bytes. The largest real one known here has 1.8 MB. */
export const MAX_DESCRIPTION_BYTES = 32 * 1024 * 1024;

/** @throws `source.invalid` */
export function requireDescriptionSize(sizeBytes: number): void {
  if (sizeBytes <= MAX_DESCRIPTION_BYTES) return;
  const message = `expected a description of at most ${MAX_DESCRIPTION_BYTES} bytes, got ${sizeBytes}`;
  throw new TilthError("source.invalid", message, { fields: { sizeBytes } });
}

/**
 * Bytes of a document as text: by its byte order mark, else by the encoding of its XML declaration, else UTF-8 (XML 1.0, appendix F).
 * Text that claims or implies UTF-8 and is not is read as windows-1252, which is what such servers send.
 * @throws `source.invalid` for too many bytes, an encoding that is not known, or a byte order mark that lies
 */
export function decodeDescription(bytes: Uint8Array): string {
  requireDescriptionSize(bytes.length);
  const encoding = byMark(bytes) ?? declaredEncoding(bytes) ?? "utf-8";
  try {
    return decode(bytes, encoding);
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    if (/^utf-?8$/i.test(encoding)) return decode(bytes, "windows-1252");
    throw invalid(`expected text in ${encoding}, got bytes that are none`, cause);
  }
}

const decode = (bytes: Uint8Array, encoding: string): string =>
  decoderOf(encoding)
    .decode(bytes)
    .replace(/^\uFEFF/, "");

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new TilthError(
      "source.invalid",
      `expected an encoding that is known (UTF-8, UTF-16, ISO-8859-1 ...), got '${encoding.slice(0, 40)}'; save the document as UTF-8 and give the file`,
      { cause, fields: { encoding: encoding.slice(0, 40) } },
    );
  }
}

function byMark(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  const little = (a === 0xff && b === 0xfe) || (a === 0x3c && b === 0);
  const big = (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c);
  if (!little && !big) return null;
  // Two ASCII bytes in a row after a mark of 16-bit text: the mark was put in front of another encoding.
  if (a !== 0 && b !== 0 && isPlain(c) && isPlain(d))
    throw invalid(
      "the byte order mark says UTF-16, but 8-bit text follows: remove the first two bytes and give the file",
    );
  return little ? "utf-16le" : "utf-16be";
}

const isPlain = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x20 && byte < 0x7f;

/** Longest XML declaration that is looked at, bytes. */
const DECLARATION_BYTES = 400;

function declaredEncoding(bytes: Uint8Array): string | null {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARATION_BYTES));
  return /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']*)["']/.exec(start)?.[1] ?? null;
}

function invalid(message: string, cause?: unknown): TilthError {
  return new TilthError("source.invalid", message, { cause });
}
