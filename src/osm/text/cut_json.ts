import { open, type FileHandle } from "node:fs/promises";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import { JsonFrame } from "./json_frame.ts";
import type { JsonPiece } from "./json_piece.ts";

/** About as many objects as a block of the PBF format has. */
const PIECE_BYTES = 1024 * 1024;
/** Pieces that would be longer are left to whoever can do without. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;
const WINDOW_BYTES = 16 * 1024;
/** Longer than what has to be seen of an element to know it as one. */
const OVERLAP_BYTES = 256;

/**
 * Behind an element, where the next one begins as Overpass writes it. Outside of texts: a quote behind a brace ends none, or a comma, colon or bracket would follow.
 * Members of relations have `ref` behind their type, not `id`. Whatever else may look like this is found out by who reads the pieces.
 */
const BORDER = /\}\s{0,9},\s{0,80}(?=\{\s{0,80}"type"\s{0,9}:\s{0,9}"[a-z]{1,20}"\s{0,9},\s{0,80}"id")/;

/**
 * Cuts a file of Overpass JSON, as far as it looks like one, into pieces that can be read apart from each other; it is not read as a whole for that.
 * @returns the rest of the document, a few elements mostly; null without any piece before it
 * @throws `osm.invalid` when it ceases to look like one
 */
export async function* cutJson(
  path: string,
  signal?: AbortSignal,
  pieceBytes = PIECE_BYTES,
): AsyncGenerator<JsonPiece, JsonPiece | null> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const head = await findHead(file);
    if (head === null) return null;
    let from = head.length;
    // Little is left for the one who reads the end.
    while (size - from > 2 * WINDOW_BYTES) {
      throwIfAborted(signal);
      const target = Math.min(from + pieceBytes, size - WINDOW_BYTES);
      const to = await findBorder(file, target, Math.min(size, from + MAX_PIECE_BYTES));
      if (to === null && size - from > 2 * pieceBytes && from > head.length) throw unlike(path);
      if (to === null) break;
      yield { path, head, from, to };
      from = to;
    }
    return from > head.length ? { path, head, from, to: size } : null;
  } finally {
    await file.close();
  }
}

/** Up to the first element; null when that is not soon. */
async function findHead(file: FileHandle): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = await readWindow(file, 0);
  const frame = new JsonFrame();
  const length = frame.feed(bytes, 0);
  return frame.inElements ? Uint8Array.from(bytes.subarray(0, length)) : null;
}

async function findBorder(file: FileHandle, from: number, limit: number): Promise<number | null> {
  for (let at = from; at < limit; at += WINDOW_BYTES - OVERLAP_BYTES) {
    const found = BORDER.exec((await readWindow(file, at)).toString("latin1"));
    if (found !== null) return at + found.index + found[0].length;
  }
  return null;
}

async function readWindow(file: FileHandle, at: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(WINDOW_BYTES), 0, WINDOW_BYTES, at);
  return buffer.subarray(0, bytesRead);
}

function unlike(path: string): TilthError {
  const message = `expected ${path} to have elements as Overpass writes them, got others in its midst`;
  return new TilthError("osm.invalid", message, { fields: { path } });
}
