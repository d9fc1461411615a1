import { Float64Column, Int32Column, Uint32Column } from "../../core/index.ts";

/** How far a way lies in the area that is wanted: `partly` of `--clip simple`, which keeps none that leaves the area. */
export const REACH = { outside: 0, partly: 1, kept: 2 } as const;
export type Reach = (typeof REACH)[keyof typeof REACH];

/** Lines by way id. */
export interface MemberWays {
  readonly ids: Float64Array<ArrayBuffer>;
  /** Ends of each line in `units`. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** x0, y0, x1, y1 ... in units of 1e-7 degrees. */
  readonly units: Int32Array<ArrayBuffer>;
  /** A `Reach` each. */
  readonly reaches: Uint8Array<ArrayBuffer>;
  /** 1 for those of which nodes are not in the input. */
  readonly gaps: Uint8Array<ArrayBuffer>;
  /** Of ways that are withheld: key, value, key, value ...; empty for the others. */
  readonly tags: readonly (readonly string[])[];
  /** Nodes without a place of the ways that are not wanted themselves. */
  readonly missingNodes: Uint32Array<ArrayBuffer>;
}

interface CollectedWay {
  readonly id: number;
  /** Values of its line. */
  readonly length: number;
  readonly reach: Reach;
  readonly hasGap: boolean;
  readonly tags: readonly string[];
  readonly missingNodes: number;
}

/** Lines of one part while they are put together. */
export class LineCollector {
  readonly #ids = new Float64Column(16);
  readonly #ends = new Uint32Column(16);
  readonly #units = new Int32Column(64);
  readonly #reaches: Reach[] = [];
  readonly #gaps: number[] = [];
  readonly #tags: (readonly string[])[] = [];
  readonly #missing: number[] = [];

  add(line: Int32Array, { id, length, reach, hasGap, tags, missingNodes }: CollectedWay): void {
    this.#ids.push(id);
    const at = this.#units.length;
    this.#units.extend(length).set(line.subarray(0, length), at);
    this.#ends.push(this.#units.length);
    this.#reaches.push(reach);
    this.#gaps.push(hasGap ? 1 : 0);
    this.#tags.push(tags);
    this.#missing.push(missingNodes);
  }

  finish(): MemberWays {
    return {
      ids: this.#ids.take(),
      ends: this.#ends.take(),
      units: this.#units.take(),
      reaches: Uint8Array.from(this.#reaches),
      gaps: Uint8Array.from(this.#gaps),
      tags: this.#tags,
      missingNodes: Uint32Array.from(this.#missing),
    };
  }
}
