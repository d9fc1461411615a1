import { sliceBlock, type AreaPlan, type PlanBlock, type TileRange } from "../../grid/index.ts";

/** How far a plan has been cut. */
export interface PlanCursor {
  /** Range of the last block of the plan that is cut whole; null before the first. */
  readonly after: TileRange | null;
  /** Rows that are cut of the block after it. */
  readonly rows: number;
}

export const PLAN_START: PlanCursor = { after: null, rows: 0 };

/**
 * Cuts a plan into rectangles of about as many tiles as asked, from any place in it: 10^9 tiles are a cursor. The blocks of the plan (at
 * most 16,384 tiles) are cut across their rows, so that no piece reaches over two of them.
 */
export class PlanCutter {
  readonly #blocks: Iterator<PlanBlock>;
  #after: TileRange | null;
  #rows: number;
  #current: PlanBlock | null;

  constructor(plan: AreaPlan, { after, rows }: PlanCursor) {
    this.#blocks = plan.listBlocks(after ?? undefined)[Symbol.iterator]();
    this.#after = after;
    this.#rows = rows;
    this.#current = this.#take();
  }

  /** Where the next piece begins; null at the end of the plan. */
  get cursor(): PlanCursor | null {
    return this.#current === null ? null : { after: this.#after, rows: this.#rows };
  }

  /** null at the end of the plan. Never empty. */
  next(targetTiles: number): PlanBlock | null {
    for (let block = this.#current; block !== null; block = this.#current) {
      const piece = this.#cut(block, targetTiles);
      if (piece.count > 0) return piece;
    }
    return null;
  }

  /** Equal parts of what is left of the block, so that no sliver remains. */
  #cut(block: PlanBlock, targetTiles: number): PlanBlock {
    const height = block.range.maxY - block.range.minY + 1;
    const rest = this.#rows === 0 ? block : sliceBlock(block, this.#rows, height - 1);
    const parts = Math.max(1, Math.round(rest.count / targetTiles));
    const rows = Math.ceil((height - this.#rows) / parts);
    const piece = sliceBlock(block, this.#rows, this.#rows + rows - 1);
    this.#rows += rows;
    if (this.#rows >= height) {
      this.#after = block.range;
      this.#rows = 0;
      this.#current = this.#take();
    }
    return piece;
  }

  #take(): PlanBlock | null {
    const next = this.#blocks.next();
    return next.done === true ? null : next.value;
  }
}
