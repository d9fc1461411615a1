/** A relation that may become an area that is wanted. */
export interface ScannedRelation {
  readonly id: number;
  /** Keys and values as JSON: a tenth of the memory of lists, and looked at once. Like members it holds until the next relation. */
  readonly tagsText: string;
  /** Null when it has no tags of its own: those of its outer ways are its. */
  readonly theme: number | null;
  readonly memberWays: Float64Array<ArrayBuffer>;
  readonly isOuter: Uint8Array<ArrayBuffer>;
}
