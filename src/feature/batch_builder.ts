import { type Column, Float64Column, Uint16Column, Uint32Column, Uint8Column } from "../core/index.ts";
import { GEOMETRY_KINDS, type FeatureBatch, type GeometryKind } from "./feature_batch.ts";

/** Puts features together into a batch: begin one, add positions, end rings and parts, end it. */
export class BatchBuilder {
  readonly #layers = new Uint16Column();
  readonly #kinds = new Uint8Column();
  readonly #partEnds = new Uint32Column();
  readonly #ringEnds = new Uint32Column();
  readonly #positionEnds = new Uint32Column();
  readonly #coordinates = new Float64Column();
  readonly #tagEnds = new Uint32Column();
  readonly #tags = new Uint32Column();
  readonly #columns = new Map<string, Column<Float64Array<ArrayBuffer>>>();
  #strings: string[];

  /** @param strings what tags and text columns point into; `addString` puts more behind them */
  constructor(strings: readonly string[] = []) {
    this.#strings = [...strings];
  }

  /** For the next batch; the memory is kept, for memory that the process has not touched before takes 2 ms a megabyte. */
  clear(strings: readonly string[] = []): void {
    this.#strings = [...strings];
    const geometry = [this.#kinds, this.#partEnds, this.#ringEnds, this.#positionEnds, this.#coordinates];
    for (const column of [this.#layers, ...geometry, this.#tagEnds, this.#tags, ...this.#columns.values()])
      column.cut(0);
  }

  get count(): number {
    return this.#layers.length;
  }

  get positionCount(): number {
    return this.#coordinates.length / 2;
  }

  /** Index of a text. */
  addString(text: string): number {
    return this.#strings.push(text) - 1;
  }

  addPosition(x: number, y: number): void {
    this.#coordinates.push(x);
    this.#coordinates.push(y);
  }

  /**
   * Positions of a line of whole numbers x0, y0, x1, y1 ..., from one index up to another, forwards or backwards.
   * @param perUnit by which each is divided: the quotient is the double that is nearest to the decimal number, which a product need not be
   */
  addLine(
    line: Int32Array,
    from: number,
    to: number,
    { perUnit, isForward }: { perUnit: number; isForward: boolean },
  ): void {
    let at = this.#coordinates.length;
    const coordinates = this.#coordinates.extend(to - from);
    const step = isForward ? 2 : -2;
    for (let i = isForward ? from : to - 2; i >= from && i < to; i += step) {
      coordinates[at++] = (line[i] as number) / perUnit;
      coordinates[at++] = (line[i + 1] as number) / perUnit;
    }
  }

  endRing(): void {
    this.#positionEnds.push(this.positionCount);
  }

  endPart(): void {
    this.#ringEnds.push(this.#positionEnds.length);
  }

  /** Index of a key, then of its value. */
  addTag(key: number, value: number): void {
    this.#tags.push(key);
    this.#tags.push(value);
  }

  /** Indices of keys and values in turns, from one place up to another. */
  addTags(tags: Uint32Array, from: number, to: number): void {
    let at = this.#tags.length;
    const all = this.#tags.extend(to - from);
    for (let i = from; i < to; i++) all[at++] = tags[i] as number;
  }

  /** Of the feature that is being added. Columns without a value are null. */
  setValue(column: string, value: number): void {
    let values = this.#columns.get(column);
    if (values === undefined) {
      values = new Float64Column();
      this.#columns.set(column, values);
    }
    fillUp(values, this.count);
    values.push(value);
  }

  endFeature(layer: number, kind: GeometryKind): void {
    this.#partEnds.push(this.#ringEnds.length);
    this.#tagEnds.push(this.#tags.length);
    this.#kinds.push(GEOMETRY_KINDS[kind]);
    this.#layers.push(layer);
  }

  /** In memory of its own, which may be handed over to another thread. */
  finish(): FeatureBatch {
    return this.#batch("take");
  }

  /** In the builder's memory: holds until that changes. */
  view(): FeatureBatch {
    return this.#batch("view");
  }

  #batch(how: "take" | "view"): FeatureBatch {
    const { count } = this;
    const columns = [...this.#columns]
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => {
        fillUp(values, count);
        return [name, values[how]()] as const;
      });
    return {
      count,
      layers: this.#layers[how](),
      geometry: {
        kinds: this.#kinds[how](),
        partEnds: this.#partEnds[how](),
        ringEnds: this.#ringEnds[how](),
        positionEnds: this.#positionEnds[how](),
        coordinates: this.#coordinates[how](),
      },
      strings: this.#strings,
      tagEnds: this.#tagEnds[how](),
      tags: this.#tags[how](),
      columns: Object.fromEntries(columns),
    };
  }
}

/** With null. */
function fillUp(values: Column<Float64Array<ArrayBuffer>>, count: number): void {
  const { length } = values;
  if (length < count) values.extend(count - length).fill(Number.NaN, length, count);
}
