import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import type { PlanBlock, Span, TileCoord, TilePlan, TileRange } from "../grid/index.ts";

/** One line of a list of failed tiles: a run of tiles in one row (a single tile is a run of one), and why. */
export interface FailedRun {
  readonly z: number;
  readonly y: number;
  readonly minX: number;
  readonly maxX: number;
  readonly code: string;
  readonly message: string;
}

export function failedTile(tile: TileCoord, error: unknown): FailedRun {
  return {
    z: tile.z,
    y: tile.y,
    minX: tile.x,
    maxX: tile.x,
    code: isTilthError(error) ? error.code : "internal",
    message: messageOf(error),
  };
}

const PARTIAL = ".partial";

/** Where a list rests while it is written; its last line may not be whole. */
export function partialListPath(path: string): string {
  return `${path}${PARTIAL}`;
}

/**
 * Writes failed tiles as JSON lines, as they come; nothing is held. It takes the place of an older list at its close: the list
 * that a retry reads may be the one that it writes, and a killed retry leaves it whole.
 */
export class FailedListWriter {
  readonly #path: string;
  readonly #stream: WriteStream;
  #error: Error | null = null;

  private constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(partialListPath(path), { encoding: "utf8" });
    this.#stream.on("error", (error) => (this.#error = error));
  }

  /** Begins an empty list. @throws `store.io` when it cannot be written */
  static async open(path: string): Promise<FailedListWriter> {
    const writer = new FailedListWriter(path);
    await once(writer.#stream, "open").catch(() => undefined);
    writer.#check();
    return writer;
  }

  /** Waits only when the disk is behind. @throws `store.io` */
  async write(run: FailedRun): Promise<void> {
    this.#check();
    const line =
      run.minX === run.maxX
        ? { z: run.z, x: run.minX, y: run.y }
        : { z: run.z, minX: run.minX, maxX: run.maxX, y: run.y };
    if (this.#stream.write(`${JSON.stringify({ ...line, code: run.code, message: run.message })}\n`)) return;
    // Rejects on the stream's error, which `#check` then tells in our words.
    await once(this.#stream, "drain").catch(() => undefined);
    this.#check();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      // The callback may run before the 'error' event.
      this.#stream.end((error?: Error | null) => {
        this.#error ??= error ?? null;
        resolve();
      });
    });
    this.#check();
    await rename(partialListPath(this.#path), this.#path).catch((error: Error) => (this.#error = error));
    this.#check();
  }

  #check(): void {
    if (this.#error !== null)
      throw new TilthError("store.io", `the list of failed tiles cannot be written: ${this.#error.message}`, {
        cause: this.#error,
      });
  }
}

/** Cells that lines are gathered in: 64 x 256 tiles, as the blocks of any plan. */
const CELL_COLUMNS = 64;
const CELL_ROWS = 256;

/** Runs that one list may hold, long ones cut at the cells; each takes about 100 bytes while the list is worked. */
const MAX_RUNS = 2_000_000;

/**
 * A plan from a list of failed tiles as `FailedListWriter` wrote it.
 * @throws `store.missing`, `argument.invalid` (a line that is no tile of the list, or too many)
 */
export async function planFailedList(path: string): Promise<TilePlan> {
  const cells = new Map<string, { z: number; runs: { y: number; span: Span }[] }>();
  let count = 0;
  for await (const { z, y, span } of readRuns(path)) {
    count += Math.floor(span[1] / CELL_COLUMNS) - Math.floor(span[0] / CELL_COLUMNS) + 1;
    if (count > MAX_RUNS)
      throw new TilthError(
        "argument.invalid",
        `expected at most ${MAX_RUNS} runs in ${path}, got more; seed the area again instead`,
      );
    for (const part of splitRun(span)) addToCell(cells, z, y, part);
  }
  const blocks = [...cells.values()]
    .map((cell) => toBlock(cell.z, cell.runs))
    .toSorted((a, b) => a.range.z - b.range.z);
  const levels = new Map<number, number>();
  for (const block of blocks) levels.set(block.range.z, (levels.get(block.range.z) ?? 0) + block.count);
  return {
    count: blocks.reduce((sum, block) => sum + block.count, 0),
    levels: [...levels].map(([z, tiles]) => ({ z, count: tiles })),
    listBlocks: () => blocks,
  };
}

async function* readRuns(path: string): AsyncGenerator<{ z: number; y: number; span: Span }> {
  const stream = createReadStream(path, { encoding: "utf8" });
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (line.trim() !== "") yield parseLine(line, path);
    }
  } catch (error) {
    if (isTilthError(error)) throw error;
    throw new TilthError("store.missing", `the list of failed tiles ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    stream.destroy();
  }
}

function parseLine(line: string, path: string): { z: number; y: number; span: Span } {
  let value: Partial<Record<"z" | "x" | "y" | "minX" | "maxX", unknown>> = {};
  try {
    value = (JSON.parse(line) as typeof value | null) ?? {};
  } catch (cause) {
    throw lineError(line, path, cause);
  }
  const { z, y, x, minX = x, maxX = x } = value;
  const whole = (part: unknown): part is number => Number.isSafeInteger(part) && Number(part) >= 0;
  if (whole(z) && whole(y) && whole(minX) && whole(maxX) && z <= 30 && minX <= maxX && maxX - minX < 2 ** 31)
    return { z, y, span: [minX, maxX] };
  throw lineError(line, path);
}

function lineError(line: string, path: string, cause?: unknown): TilthError {
  return new TilthError(
    "argument.invalid",
    `expected lines such as {"z":4,"x":3,"y":5} in ${path}, got '${line.slice(0, 80)}'`,
    { cause },
  );
}

function* splitRun([first, last]: Span): Generator<Span> {
  for (let start = first; start <= last;) {
    const end = Math.min(last, (Math.floor(start / CELL_COLUMNS) + 1) * CELL_COLUMNS - 1);
    yield [start, end];
    start = end + 1;
  }
}

function addToCell(
  cells: Map<string, { z: number; runs: { y: number; span: Span }[] }>,
  z: number,
  y: number,
  span: Span,
): void {
  const key = `${z}/${Math.floor(span[0] / CELL_COLUMNS)}/${Math.floor(y / CELL_ROWS)}`;
  const cell = cells.get(key);
  if (cell === undefined) cells.set(key, { z, runs: [{ y, span }] });
  else cell.runs.push({ y, span });
}

function toBlock(z: number, runs: readonly { y: number; span: Span }[]): PlanBlock {
  const range = extentOf(z, runs);
  const { minY, maxY } = range;
  const rows: Span[][] = Array.from({ length: maxY - minY + 1 }, () => []);
  for (const { y, span } of runs) rows[y - minY]?.push(span);
  const merged = rows.map(mergeSpans);
  const count = merged.flat().reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return { range, count, rows: merged };
}

/** Without spreading: a list may name one tile a million times. */
function extentOf(z: number, runs: readonly { y: number; span: Span }[]): TileRange {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { y, span } of runs) {
    [minX, maxX] = [Math.min(minX, span[0]), Math.max(maxX, span[1])];
    [minY, maxY] = [Math.min(minY, y), Math.max(maxY, y)];
  }
  return { z, minX, minY, maxX, maxY };
}

function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [first, last] of spans.toSorted((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
