import { Column, float64s, uint16s, uint32s, uint8s } from "../core/index.ts";
import { GEOMETRY_KINDS, type FeatureBatch, type GeometryKind } from "./feature_batch.ts";

/** Puts features together into a batch: begin one, add positions, end rings and parts, end it. */
export class BatchBuilder {
  readonly #layers = new Column(uint16s);
  readonly #kinds = new Column(uint8s);
  readonly #partEnds = new Column(uint32s);
  readonly #ringEnds = new Column(uint32s);
  readonly #positionEnds = new Column(uint32s);
  readonly #coordinates = new Column(float64s);
  readonly #tagEnds = new Column(uint32s);
  readonly #tags = new Column(uint32s);
  readonly #columns = new Map<string, Column<Float64Array<ArrayBuffer>>>();
  readonly #strings: string[];

  /** @param strings what tags and text columns point into; `addString` puts more behind them */
  constructor(strings: readonly string[] = []) {
    this.#strings = [...strings];
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

  /** Of the feature that is being added. Columns without a value are null. */
  setValue(column: string, value: number): void {
    let values = this.#columns.get(column);
    if (values === undefined) {
      values = new Column(float64s);
      this.#columns.set(column, values);
    }
    while (values.length < this.count) values.push(Number.NaN);
    values.push(value);
  }

  endFeature(layer: number, kind: GeometryKind): void {
    this.#partEnds.push(this.#ringEnds.length);
    this.#tagEnds.push(this.#tags.length);
    this.#kinds.push(GEOMETRY_KINDS[kind]);
    this.#layers.push(layer);
  }

  finish(): FeatureBatch {
    const { count } = this;
    const columns = [...this.#columns].map(([name, values]) => {
      while (values.length < count) values.push(Number.NaN);
      return [name, values.take()] as const;
    });
    return {
      count,
      layers: this.#layers.take(),
      geometry: {
        kinds: this.#kinds.take(),
        partEnds: this.#partEnds.take(),
        ringEnds: this.#ringEnds.take(),
        positionEnds: this.#positionEnds.take(),
        coordinates: this.#coordinates.take(),
      },
      strings: this.#strings,
      tagEnds: this.#tagEnds.take(),
      tags: this.#tags.take(),
      columns: Object.fromEntries(columns),
    };
  }
}
