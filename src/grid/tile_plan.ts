import { TilthError } from "../core/index.ts";
import { coverGrid, type Coverage } from "./coverage.ts";
import type { GridCoverage, Span } from "./grid_coverage.ts";
import { rangeContains, rangeCount, rangeWidth, type TileCoord, type TileRange } from "./tile.ts";
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

/** A plan of an area, of which any part can be had without listing what is before it. */
export interface AreaPlan extends TilePlan {
  /** @param after range of a block that was listed before: begins with the next one */
  listBlocks(after?: TileRange): Iterable<PlanBlock>;
  /** The wanted tiles of a rectangle; one that lies within the range of a listed block costs no more than its rows. */
  clip(range: TileRange): PlanBlock;
}

/**
 * Tiles of a coverage on some levels of a grid. 10^10 tiles cost nothing before they are listed.
 * @throws `grid.level` for a zoom that the grid does not have, `coverage.invalid` when nothing is covered
 */
export function planTiles(grid: TileMatrixSet, coverage: Coverage, zooms: readonly number[]): AreaPlan {
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
  return {
    count,
    levels,
    listBlocks: (after) =>
      after === undefined ? listBlocks(covered, ascending) : listAfter(covered, ascending, after),
    clip: (range) => clipBlock(range, listRows(covered, range)),
  };
}

function* listBlocks(covered: GridCoverage, zooms: readonly number[]): Generator<PlanBlock> {
  for (const z of zooms) for (const band of listBands(covered, z)) yield* listBandBlocks(covered, band);
}

/** Levels and bands of rows before `after` are passed over without a look at their geometry. */
function* listAfter(covered: GridCoverage, zooms: readonly number[], after: TileRange): Generator<PlanBlock> {
  let isBefore = true;
  for (const band of listBands(covered, after.z)) {
    if (!isBefore) yield* listBandBlocks(covered, band);
    else if (rangeContains(band, { z: after.z, x: after.minX, y: after.minY })) {
      isBefore = false;
      for (const block of listBandBlocks(covered, band)) if (block.range.minX > after.minX) yield block;
    }
  }
  yield* listBlocks(
    covered,
    zooms.filter((z) => z > after.z),
  );
}

function* listBands(covered: GridCoverage, z: number): Generator<TileRange> {
  for (const range of covered.listRanges(z)) {
    for (let minY = range.minY; minY <= range.maxY; minY += BLOCK_ROWS)
      yield { ...range, minY, maxY: Math.min(range.maxY, minY + BLOCK_ROWS - 1) };
  }
}

/** Blocks of one band of rows, left to right; the geometry is asked once for each row, however many blocks it has. */
function* listBandBlocks(covered: GridCoverage, band: TileRange): Generator<PlanBlock> {
  const rows = listRows(covered, band);
  if (rows === null) return yield* listWholeBlocks(band);
  for (const column of listColumns(band, rows)) {
    const range = { ...band, minX: column, maxX: Math.min(band.maxX, column + BLOCK_COLUMNS - 1) };
    yield clipBlock(range, rows);
  }
}

/** Wanted runs of each row; null = all of them. */
function listRows(covered: GridCoverage, range: TileRange): (readonly Span[])[] | null {
  const rows: (readonly Span[])[] = [];
  for (let y = range.minY; y <= range.maxY; y++) {
    const spans = covered.listSpans(range.z, y, range.minX, range.maxX);
    if (spans === null) return null;
    rows.push(spans);
  }
  return rows;
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

function clipBlock(range: TileRange, rows: readonly (readonly Span[])[] | null): PlanBlock {
  if (rows === null) return { range, count: rangeCount(range), rows };
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

/** Rows `from` to `to` (inclusive, counted from the top of its range) of a block. */
export function sliceBlock(block: PlanBlock, from: number, to: number): PlanBlock {
  const range = { ...block.range, minY: block.range.minY + from, maxY: block.range.minY + to };
  return clipBlock(range, block.rows?.slice(from, to + 1) ?? null);
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
