import { transferred, type Transferred } from "../../concurrency/index.ts";
import { Float64Column, Uint32Column } from "../../core/index.ts";
import type { Encoded } from "../encoded_sink.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { partsOf } from "../geometry_range.ts";
import { openProjection } from "../projection.ts";
import { RowMaker } from "../row_maker.ts";
import type { TableSpec } from "../table_spec.ts";
import { tallyFeatures } from "../tally_features.ts";
import { flatgeobufColumns } from "./columns.ts";
import { FeatureBytes } from "./feature_bytes.ts";
import { PropertyBytes } from "./property_bytes.ts";

export interface FlatgeobufOptions {
  readonly tables: readonly TableSpec[];
  /** Definition of the file's system. */
  readonly crs: string;
  /** Of the batches' system. @default that of lon/lat */
  readonly batchCrs?: string;
}

/** What one layer gets of a batch. */
export interface EncodedLayer {
  readonly layer: number;
  /** Features one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of each feature. */
  readonly sizes: Uint32Array<ArrayBuffer>;
  /** minX, minY, maxX, maxY of each feature. */
  readonly boxes: Float64Array<ArrayBuffer>;
}

export interface EncodedFlatgeobuf extends Encoded {
  readonly layers: readonly EncodedLayer[];
}

const NO_BLOB = new Uint8Array();

/** A batch as the features of FlatGeobuf files, on a thread. Those with a position that has no image are counted and left out. */
export async function encodeFlatgeobuf(
  batch: FeatureBatch,
  options: FlatgeobufOptions,
): Promise<Transferred<EncodedFlatgeobuf>> {
  const { tables, crs, batchCrs } = options;
  const { geometry } = batch;
  (await openProjection(crs, batchCrs))(batch);
  const rows = new RowMaker(batch, tables);
  const parts = tables.map((table) => new LayerPart(table));
  const tally = tallyFeatures(batch, tables.length, (i, layer, number, envelope) => {
    const part = parts[layer] as LayerPart;
    const properties = propertyBytes.write(part.columns, rows.make(i, number, NO_BLOB));
    part.push(featureBytes.write(geometry, part.table.geometry, partsOf(geometry, i), properties), envelope);
  });
  const layers = parts.flatMap((part, layer) => (tally.counts[layer] === 0 ? [] : [part.finish(layer)]));
  const buffers = layers.flatMap(({ bytes, sizes, boxes }) => [bytes.buffer, sizes.buffer, boxes.buffer]);
  return transferred({ layers, tally }, buffers);
}

const propertyBytes = new PropertyBytes();
const featureBytes = new FeatureBytes();

class LayerPart {
  readonly table: TableSpec;
  readonly columns: ReturnType<typeof flatgeobufColumns>;
  readonly #sizes = new Uint32Column();
  readonly #boxes = new Float64Column();
  #bytes = new Uint8Array(0);
  #length = 0;

  constructor(table: TableSpec) {
    this.table = table;
    this.columns = flatgeobufColumns(table);
  }

  push(feature: Uint8Array, box: Float64Array): void {
    if (this.#length + feature.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + feature.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(feature, this.#length);
    this.#length += feature.length;
    this.#sizes.push(feature.length);
    for (const value of box) this.#boxes.push(value);
  }

  finish(layer: number): EncodedLayer {
    return { layer, bytes: this.#bytes.slice(0, this.#length), sizes: this.#sizes.take(), boxes: this.#boxes.take() };
  }
}
