import { open, type FileHandle } from "node:fs/promises";
import { messageOf, TilthError } from "../../core/index.ts";
import type { FailedRun } from "../../seed/index.ts";

export interface FailedPage {
  readonly failed: readonly FailedRun[];
  /** `after` of the next page; null on the last one. */
  readonly next: number | null;
}

export const MAX_PAGE = 1000;

const CHUNK_BYTES = 65_536;
const MAX_LINE_BYTES = 1_048_576;
const LINE_END = 0x0a;

/**
 * A page of a list of failed tiles. Read from where the last page ended, so that each page costs the same.
 * @param after byte offset, 0 or a page's `next`
 * @throws `argument.invalid` for a place where no line begins, `store.corrupt`, `store.io`
 */
export async function readFailedPage(path: string, limit: number, after: number): Promise<FailedPage> {
  requireRange("limit", limit, 1, MAX_PAGE);
  requireRange("after", after, 0, Number.MAX_SAFE_INTEGER);
  const file = await openList(path);
  if (file === null) return { failed: [], next: null };
  try {
    if (after > 0) await requireLineStart(file, after);
    return await readPage(file, limit, after);
  } finally {
    await file.close();
  }
}

async function readPage(file: FileHandle, limit: number, after: number): Promise<FailedPage> {
  const failed: FailedRun[] = [];
  let offset = after;
  for await (const line of readLines(file, after)) {
    if (failed.length === limit) return { failed, next: offset };
    offset += line.byteLength + 1;
    failed.push(parseRun(line));
  }
  return { failed, next: null };
}

async function* readLines(file: FileHandle, start: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let position = start; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
    if (rest.byteLength > MAX_LINE_BYTES) throw corrupt();
  }
}

type Columns = { readonly x: number } | { readonly minX: number; readonly maxX: number };

function parseRun(line: Buffer): FailedRun {
  try {
    const run = JSON.parse(line.toString("utf8")) as Omit<FailedRun, "minX" | "maxX"> & Columns;
    const { z, y, code, message } = run;
    const [minX, maxX] = "x" in run ? [run.x, run.x] : [run.minX, run.maxX];
    return { z, y, minX, maxX, code, message };
  } catch (cause) {
    throw corrupt(cause);
  }
}

/** A job without failed tiles, or one that never ran, has no list. */
async function openList(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new TilthError("store.io", `the list of failed tiles cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function requireLineStart(file: FileHandle, after: number): Promise<void> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, after - 1);
  if (bytesRead === 1 && buffer[0] === LINE_END) return;
  throw new TilthError("argument.invalid", `expected 'after' from a page of this list, got ${after}; begin anew at 0`);
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new TilthError("argument.invalid", `expected '${name}' from ${min} to ${max}, got ${value}`);
}

function corrupt(cause?: unknown): TilthError {
  return new TilthError("store.corrupt", "the list of failed tiles is damaged; seed the area again", { cause });
}
