import { open, type FileHandle } from "node:fs/promises";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import { JSON_BORDERS } from "./json_borders.ts";
import type { BorderSearch } from "./text_borders.ts";
import type { TextPiece } from "./text_piece.ts";
import { XML_BORDERS } from "./xml_borders.ts";
import type { TextFormat } from "./text_worker.ts";

/** About as many objects as a block of the PBF format has. */
const PIECE_BYTES = 1024 * 1024;
/** Pieces that would be longer are left to whoever can do without. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;
const WINDOW_BYTES = 16 * 1024;
/** Longer than what has to be seen of an element to know it as one. */
const OVERLAP_BYTES = 512;

const BORDERS = { json: JSON_BORDERS, xml: XML_BORDERS };

/**
 * Cuts a file of Overpass JSON or XML, as far as it looks like one, into pieces that can be read apart from each other; it is not read as a whole for that.
 * @returns the rest of the document, a few elements mostly; null without any piece before it
 * @throws `osm.invalid` when it ceases to look like one
 */
export async function* cutText(
  path: string,
  format: TextFormat,
  signal?: AbortSignal,
  pieceBytes = PIECE_BYTES,
): AsyncGenerator<TextPiece, TextPiece | null> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const window = await readWindow(file, 0);
    const headBytes = BORDERS[format].findHead(window);
    if (headBytes === null) return null;
    const head = Uint8Array.from(window.subarray(0, headBytes));
    let from = head.length;
    // Little is left for the one who reads the end.
    while (size - from > 2 * WINDOW_BYTES) {
      throwIfAborted(signal);
      const target = Math.min(from + pieceBytes, size - WINDOW_BYTES);
      const limit = Math.min(size, from + MAX_PIECE_BYTES);
      const to = await findBorder(file, target, limit, BORDERS[format].startSearch());
      if (to === null && size - from > 2 * pieceBytes && from > head.length) throw unlike(path);
      if (to === null) break;
      yield { format, path, head, from, to };
      from = to;
    }
    return from > head.length ? { format, path, head, from, to: size } : null;
  } finally {
    await file.close();
  }
}

async function findBorder(file: FileHandle, from: number, limit: number, search: BorderSearch): Promise<number | null> {
  for (let at = from; at < limit; at += WINDOW_BYTES - OVERLAP_BYTES) {
    const found = search((await readWindow(file, at)).toString("latin1"));
    if (found !== -1) return at + found;
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
