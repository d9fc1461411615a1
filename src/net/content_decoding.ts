import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { httpError, type HttpErrorDetails } from "./http_errors.ts";

type Place = Pick<HttpErrorDetails, "url" | "secrets">;

/** What we tell servers that we can read. */
export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

/** Encodings stacked on one body at most; more is an attack, not a server. */
const MAX_LAYERS = 2;

type Decoder = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip) as Decoder,
  "x-gzip": promisify(gunzip) as Decoder,
  deflate: promisify(inflate) as Decoder,
  br: promisify(brotliDecompress) as Decoder,
  zstd: promisify(zstdDecompress) as Decoder,
};

/**
 * Undoes Content-Encoding, on zlib's own threads, never beyond `maxBytes` (a bomb of 1 GB costs no more than that).
 * @throws `http.tooLarge`, `http.truncated` for a compressed body that ends early, `http.protocol` for an unknown encoding
 */
export async function decodeContent(
  body: Uint8Array<ArrayBuffer>,
  encoding: string,
  maxBytes: number,
  place: Place,
): Promise<Uint8Array<ArrayBuffer>> {
  const layers = encoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (layers.length > MAX_LAYERS)
    throw httpError("http.protocol", `expected at most ${MAX_LAYERS} content encodings, got '${encoding}'`, place);
  let decoded: Uint8Array = body;
  for (const layer of layers.toReversed()) decoded = await decodeLayer(decoded, layer, maxBytes, place);
  return ownBytes(decoded);
}

async function decodeLayer(body: Uint8Array, layer: string, maxBytes: number, place: Place): Promise<Uint8Array> {
  const decoder = DECODERS[layer];
  if (decoder === undefined)
    throw httpError("http.protocol", `expected a content encoding of ${ACCEPT_ENCODING}, got '${layer}'`, place);
  try {
    return await decoder(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    const message = tooLarge
      ? `expected at most ${maxBytes} bytes after decompression, got more`
      : `the ${layer} body is damaged or cut short`;
    throw httpError(tooLarge ? "http.tooLarge" : "http.truncated", message, { ...place, cause });
  }
}

/** Bytes in a buffer of their own, so that they can be transferred. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
