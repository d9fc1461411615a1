import { Int32Column, Uint32Column } from "../../core/index.ts";
import { startOf } from "../osm_block.ts";

/** Lines in one piece of memory: as thousands of arrays they took 1 ms for each group of areas on either side of a thread's border. */
export interface PackedLines {
  /** x0, y0, x1, y1 ... in units of 1e-7 degrees, one line behind the other. */
  readonly units: Int32Array<ArrayBuffer>;
  /** Where each line ends in `units`. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Lines while they are put together. */
export class LineColumns {
  readonly units = new Int32Column();
  readonly ends = new Uint32Column();

  /** How many there are. */
  get count(): number {
    return this.ends.length;
  }

  /** Forgets those from `count` on. */
  cut(count: number): void {
    this.ends.cut(count);
    this.units.cut(count === 0 ? 0 : this.ends.at(count - 1));
  }

  /** In memory of their own; there are none any more. */
  take(): PackedLines {
    const lines = { units: this.units.take(), ends: this.ends.take() };
    this.cut(0);
    return lines;
  }
}

/** A view of one of them. */
export function lineOf({ units, ends }: PackedLines, line: number): Int32Array {
  return units.subarray(startOf(ends, line), ends[line]);
}
