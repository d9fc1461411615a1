import { damaged, tooLarge } from "../raster_errors.ts";
import type { Affine } from "../raster.ts";

/** What the lines before the values say. */
export interface GridHeader {
  readonly width: number;
  readonly height: number;
  readonly affine: Affine;
  readonly nodata: number | null;
  /** Bytes before the first value. */
  readonly sizeBytes: number;
}

/** Lines of `word number` are short and few. */
export const MAX_HEADER_BYTES = 4096;
const MAX_SIDE = 1_000_000;

/** Reads the header out of the file's first bytes. @throws `raster.damaged`, `raster.tooLarge` */
export function readGridHeader(bytes: Uint8Array): GridHeader {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_HEADER_BYTES));
  const words = new Map<string, number>();
  let at = 0;
  for (;;) {
    const line = /^\s*([a-z_]+)[ \t]+(\S+)[ \t]*(?:\r\n?|\n)/i.exec(text.slice(at));
    if (line === null) break;
    words.set((line[1] as string).toLowerCase(), Number((line[2] as string).replace(",", ".")));
    at += line[0].length;
  }
  const width = expectSide(words, "ncols");
  const height = expectSide(words, "nrows");
  const nodata = words.get("nodata_value") ?? null;
  return { width, height, affine: placeOf(words, height), nodata, sizeBytes: at };
}

function expectSide(words: ReadonlyMap<string, number>, name: string): number {
  const value = words.get(name) ?? Number.NaN;
  if (!Number.isInteger(value) || value < 1) throw damaged(`its header has no ${name} of 1 or more`);
  if (value > MAX_SIDE) throw tooLarge(`the grid says that it has ${value} ${name}, ${MAX_SIDE} at most are read`);
  return value;
}

/** The lower left corner, or the middle of the lower left cell. */
function placeOf(words: ReadonlyMap<string, number>, height: number): Affine {
  const cellWidth = words.get("dx") ?? words.get("cellsize") ?? Number.NaN;
  const cellHeight = words.get("dy") ?? words.get("cellsize") ?? Number.NaN;
  const left = words.get("xllcorner") ?? (words.get("xllcenter") ?? Number.NaN) - cellWidth / 2;
  const bottom = words.get("yllcorner") ?? (words.get("yllcenter") ?? Number.NaN) - cellHeight / 2;
  if (!(cellWidth > 0 && cellHeight > 0) || !Number.isFinite(left) || !Number.isFinite(bottom))
    throw damaged("its header lacks a cell size, or xllcorner and yllcorner (or xllcenter and yllcenter)");
  return [cellWidth, 0, left, 0, -cellHeight, bottom + height * cellHeight];
}
