import { Uint16Column, Uint32Column } from "../../core/index.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { partsOf } from "../geometry_range.ts";
import { LayerTally } from "../layer_tally.ts";
import type { TableSpec } from "../table_spec.ts";
import type { EncodedRecords, RecordOptions } from "./encoded_records.ts";
import { putBox } from "./float_bounds.ts";
import { GeometryBlobWriter } from "./geometry_blob.ts";
import { RecordWriter } from "./record_writer.ts";

/** Rows of a batch that is projected, the long way: any batch, and the judge of `packRecords`. */
export function writeRecords(batch: FeatureBatch, { tables, srsId }: RecordOptions): EncodedRecords {
  const { geometry } = batch;
  const blobs = new GeometryBlobWriter(srsId);
  const records = new RecordWriter(batch, tables);
  const tally = new LayerTally(tables.length);
  const [layers, ends] = [new Uint16Column(batch.count), new Uint32Column(batch.count)];
  const boxes = new Float32Array(4 * batch.count);
  for (let i = 0; i < batch.count; i++) {
    const layer = batch.layers[i] as number;
    const blob = blobs.write(geometry, (tables[layer] as TableSpec).geometry, partsOf(geometry, i));
    if (blob === null) {
      tally.unprojectable += 1;
      continue;
    }
    tally.add(layer, blobs.envelope);
    putBox(boxes, 4 * layers.length, blobs.envelope);
    layers.push(layer);
    ends.push(records.write(i, blob));
  }
  const { counts, extents, unprojectable } = tally;
  const piece = {
    boxes: boxes.slice(0, 4 * layers.length),
    layers: layers.take(),
    ends: ends.take(),
    bytes: records.take(),
  };
  return { pieces: [piece], tally: { counts, extents, unprojectable } };
}
