import { transferred, type Transferred } from "../../concurrency/index.ts";
import { Uint16Column, Uint32Column } from "../../core/index.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { partsOf } from "../geometry_range.ts";
import { LayerTally, type TallyColumns } from "../layer_tally.ts";
import { openProjection, type Project } from "../projection.ts";
import type { TableSpec } from "../table_spec.ts";
import { putBox } from "./float_bounds.ts";
import { GeometryBlobWriter } from "./geometry_blob.ts";
import { packRecords } from "./pack_records.ts";
import { RecordWriter } from "./record_writer.ts";

export interface RecordOptions {
  readonly tables: readonly TableSpec[];
  /** Definition of the tables' system. */
  readonly crs: string;
  /** Of the batches' system. @default that of lon/lat */
  readonly batchCrs?: string;
  readonly srsId: number;
}

/** Features as rows in SQLite's own record format, without their numbers, in the order of the batch. */
export interface EncodedRecords {
  readonly pieces: readonly RecordPiece[];
  readonly tally: TallyColumns;
}

/** Some rows, one behind the other. */
export interface RecordPiece {
  /** Of each. */
  readonly layers: Uint16Array<ArrayBuffer>;
  /** Where each ends in `bytes`. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** minX, minY, maxX, maxY of each, rounded outwards to the 32 bits that the index has. */
  readonly boxes: Float32Array<ArrayBuffer>;
}

/** A batch as rows of the tables, on any thread. Features with a position that has no image are counted and left out. */
export async function encodeRecords(batch: FeatureBatch, options: RecordOptions): Promise<Transferred<EncodedRecords>> {
  const encoded = makeRecords(batch, options, await openProjection(options.crs, options.batchCrs));
  return transferred(
    encoded,
    encoded.pieces.flatMap(pieceColumns).map(({ buffer }) => buffer),
  );
}

export function pieceColumns({ layers, ends, bytes, boxes }: RecordPiece) {
  return [layers, ends, bytes, boxes];
}

/** The same where the projection is at hand. */
export function makeRecords(batch: FeatureBatch, options: RecordOptions, project: Project): EncodedRecords {
  project(batch);
  return packRecords(batch, options) ?? writeRecords(batch, options);
}

/** Of a batch that is projected. */
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
