import type { PackedLines } from "./packed_lines.ts";

/** A way whose tags are those of an area, until about 2014: a feature of its own when there is no area, or one of other tags. */
export interface OuterWay {
  readonly id: number;
  /** As of an area. */
  readonly tagsText: string;
  /** Null when it is not wanted itself. */
  readonly theme: number | null;
  /** Number of its line among those of the group. */
  readonly line: number;
}

/** An area and the lines that go round it. */
export interface AreaJob {
  readonly type: "relation" | "way";
  readonly id: number;
  /** Keys and values as JSON: as lists they would be cloned, and lie in the main thread until they are collected. */
  readonly tagsText: string;
  readonly theme: number;
  /** Its lines among those of the group: from this one up to another. */
  readonly lines: readonly [from: number, to: number];
  /** Members of it, or nodes of them, are not in the input: there is no area, as its outer ring may be what is missing. */
  readonly incomplete: boolean;
  readonly outers: readonly OuterWay[];
}

/** Areas for one call of a thread. */
export interface AreaGroup {
  readonly jobs: readonly AreaJob[];
  /** Of all of them: to be handed over. */
  readonly lines: PackedLines;
}
