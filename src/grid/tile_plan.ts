import { TilthError } from "../core/index.ts";
import { coverGrid, type Coverage } from "./coverage.ts";
import type { GridCoverage, Span } from "./grid_coverage.ts";
import { rangeCount, rangeWidth, type TileCoord, type TileRange } from "./tile.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

/** Columns and rows of a block: 16,384 tiles, whose presence is one small answer of a store. Tall, because stores sort by column first. */
const BLOCK_COLUMNS = 64;
const BLOCK_ROWS = 256;

/** A rectangle of at most 16,384 tiles with the runs that are wanted in each row. */
export interface PlanBlock {
  readonly range: TileRange;
  readonly count: number;
  /** Wanted runs for each row of the range from the top; null = all of it. */
  readonly rows: readonly (readonly Span[])[] | null;
}

/** What is to be done, as data: counted at once, listed lazily, level by level from the top. */
export interface TilePlan {
  readonly count: number;
  readonly levels: readonly { readonly z: number; readonly count: number }[];
  listBlocks(): Iterable<PlanBlock>;
}

/**
 * Tiles of a coverage on some levels of a grid. 10^10 tiles cost nothing before they are listed.
 * @throws `grid.level` for a zoom that the grid does not have, `coverage.invalid` when nothing is covered
 */
export function planTiles(grid: TileMatrixSet, coverage: Coverage, zooms: readonly number[]): TilePlan {
  zooms.forEach((zoom) => grid.getMatrix(zoom));
  const ascending = [...new Set(zooms)].toSorted((a, b) => a - b);
  const covered = coverGrid(grid, coverage, ascending.at(-1));
  const levels = ascending.map((z) => ({ z, count: covered.count(z) }));
  const count = levels.reduce((sum, level) => sum + level.count, 0);
  if (count === 0)
    throw new TilthError(
      "coverage.invalid",
      `the area has no tile on ${grid.id} at zoom ${zooms.join(",")}; is it within the grid?`,
    );
  return { count, levels, listBlocks: () => listBlocks(covered, ascending) };
}

function* listBlocks(covered: GridCoverage, zooms: readonly number[]): Generator<PlanBlock> {
  for (const z of zooms) {
    for (const range of covered.listRanges(z)) {
      for (let minY = range.minY; minY <= range.maxY; minY += BLOCK_ROWS) {
        yield* listBandBlocks(covered, { ...range, minY, maxY: Math.min(range.maxY, minY + BLOCK_ROWS - 1) });
      }
    }
  }
}

/** Blocks of one band of rows, left to right; the geometry is asked once for each row, however many blocks it has. */
function* listBandBlocks(covered: GridCoverage, band: TileRange): Generator<PlanBlock> {
  const rows: (readonly Span[])[] = [];
  for (let y = band.minY; y <= band.maxY; y++) {
    const spans = covered.listSpans(band.z, y, band.minX, band.maxX);
    if (spans === null) return yield* listWholeBlocks(band);
    rows.push(spans);
  }
  for (const column of listColumns(band, rows)) {
    const range = { ...band, minX: column, maxX: Math.min(band.maxX, column + BLOCK_COLUMNS - 1) };
    yield clipBlock(range, rows);
  }
}

function* listWholeBlocks(band: TileRange): Generator<PlanBlock> {
  for (let minX = band.minX; minX <= band.maxX; minX += BLOCK_COLUMNS) {
    const range = { ...band, minX, maxX: Math.min(band.maxX, minX + BLOCK_COLUMNS - 1) };
    yield { range, count: rangeCount(range), rows: null };
  }
}

/** Left columns of the blocks that hold any run, ascending. */
function listColumns(band: TileRange, rows: readonly (readonly Span[])[]): number[] {
  const blocks = new Set<number>();
  for (const [first, last] of rows.flat()) {
    const lastBlock = Math.floor((last - band.minX) / BLOCK_COLUMNS);
    for (let block = Math.floor((first - band.minX) / BLOCK_COLUMNS); block <= lastBlock; block++) blocks.add(block);
  }
  return [...blocks].toSorted((a, b) => a - b).map((block) => band.minX + block * BLOCK_COLUMNS);
}

function clipBlock(range: TileRange, rows: readonly (readonly Span[])[]): PlanBlock {
  let count = 0;
  const clipped = rows.map((spans) => {
    const inside = spans.filter(([first, last]) => last >= range.minX && first <= range.maxX);
    return inside.map(([first, last]): Span => {
      const span: Span = [Math.max(first, range.minX), Math.min(last, range.maxX)];
      count += span[1] - span[0] + 1;
      return span;
    });
  });
  return { range, count, rows: clipped };
}

/** Tiles of a block, row by row; with `wanted`, only those whose index in the row-major range it accepts. */
export function* listBlockTiles(block: PlanBlock, wanted?: (index: number) => boolean): Generator<TileCoord> {
  const { range, rows } = block;
  const width = rangeWidth(range);
  const all: readonly Span[] = [[range.minX, range.maxX]];
  for (let y = range.minY; y <= range.maxY; y++) {
    const offset = (y - range.minY) * width - range.minX;
    for (const [first, last] of rows === null ? all : (rows[y - range.minY] ?? [])) {
      for (let x = first; x <= last; x++) {
        if (wanted === undefined || wanted(offset + x)) yield { z: range.z, x, y };
      }
    }
  }
}
