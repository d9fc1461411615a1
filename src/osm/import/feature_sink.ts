import {
  BatchBuilder,
  batchBuffers,
  encodeBatch,
  type BatchEncoding,
  type EncodedBatch,
  type FeatureBatch,
  type GeometryKind,
} from "../../feature/index.ts";
import { doubleAreaOfRing } from "../geometry/simple_ring.ts";
import { MEMBER_TYPES, UNITS_PER_DEGREE, type OsmType } from "../osm_block.ts";
import { BUILDING_COLUMNS } from "../tags/building_values.ts";
import type { FeaturePlan } from "./feature_plan.ts";

const FORWARD = { perUnit: UNITS_PER_DEGREE, isForward: true };
const BACKWARD = { perUnit: UNITS_PER_DEGREE, isForward: false };

export interface PackedBatch {
  readonly batch: FeatureBatch | EncodedBatch;
  readonly buffers: readonly ArrayBuffer[];
}

/** Of this thread, for one batch after another. */
const builder = new BatchBuilder();

/** Features of OpenStreetMap objects into a batch: units to degrees, ids, numbers of buildings. One at a time. */
export class FeatureSink {
  readonly #batch = builder;
  readonly #strings: readonly string[];
  readonly #typeStrings: readonly number[];
  readonly #buildingTheme: number;
  /** Column of each text as a key; only where buildings are wanted. */
  readonly #columnOfKey = new Map<number, (typeof BUILDING_COLUMNS)[number]>();
  #values: [name: string, value: number][] = [];

  constructor({ layers }: FeaturePlan, strings: readonly string[]) {
    this.#batch.clear(strings);
    this.#strings = strings;
    this.#typeStrings = MEMBER_TYPES.map((type) => this.#batch.addString(type));
    this.#buildingTheme = layers.themes.indexOf("building");
    if (this.#buildingTheme === -1) return;
    for (const column of BUILDING_COLUMNS) {
      const key = strings.indexOf(column.key);
      if (key !== -1) this.#columnOfKey.set(key, column);
    }
  }

  addPosition(x: number, y: number): void {
    this.#batch.addPosition(x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE);
  }

  endRing(): void {
    this.#batch.endRing();
  }

  endPart(): void {
    this.#batch.endPart();
  }

  addRing(line: Int32Array, from: number, to: number): void {
    this.#batch.addLine(line, from, to, FORWARD);
    this.endRing();
  }

  /** Counterclockwise, whichever way the line goes. */
  addOuterRing(line: Int32Array, from: number, to: number): void {
    if (doubleAreaOfRing(line, from, to) > 0) return this.addRing(line, from, to);
    this.#batch.addLine(line, from, to, BACKWARD);
    this.endRing();
  }

  addPolygon(rings: readonly Int32Array[]): void {
    for (const ring of rings) this.addRing(ring, 0, ring.length);
    this.endPart();
  }

  /** @param tags indices into the block's texts */
  addTags(tags: Uint32Array, from: number, to: number): void {
    this.#batch.addTags(tags, from, to);
    if (this.#columnOfKey.size === 0) return;
    for (let i = from; i < to; i += 2) {
      const column = this.#columnOfKey.get(tags[i] as number);
      if (column !== undefined)
        this.#values.push([column.name, column.read(this.#strings[tags[i + 1] as number] as string)]);
    }
  }

  /** @param tags texts that need not be the block's */
  addTexts(tags: readonly (readonly [string, string])[]): void {
    for (const [key, value] of tags) {
      this.#batch.addTag(this.#batch.addString(key), this.#batch.addString(value));
      const column = BUILDING_COLUMNS.find((each) => each.key === key);
      if (column !== undefined) this.#values.push([column.name, column.read(value)]);
    }
  }

  /** @param object null for what is made of many */
  endFeature(layer: number, kind: GeometryKind, object: { readonly type: OsmType; readonly id: number } | null): void {
    if (object !== null) {
      this.#batch.setValue("osm_id", object.id);
      this.#batch.setValue("osm_type", this.#typeStrings[MEMBER_TYPES.indexOf(object.type)] as number);
    }
    if (this.#buildingTheme !== -1 && Math.floor(layer / 3) === this.#buildingTheme)
      for (const [name, value] of this.#values) this.#batch.setValue(name, value);
    if (this.#values.length > 0) this.#values = [];
    this.#batch.endFeature(layer, kind);
  }

  /** The batch as it goes to the writer: in the bytes of its file, where the writer takes such. */
  async finish(encoding: BatchEncoding | null): Promise<PackedBatch> {
    if (encoding === null || this.#batch.count === 0) {
      const batch = this.#batch.finish();
      return { batch, buffers: batchBuffers(batch) };
    }
    const encoded = await encodeBatch(this.#batch.view(), encoding);
    return { batch: encoded, buffers: encoded.buffers };
  }
}
