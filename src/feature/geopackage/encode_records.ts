import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { openProjection, type Project } from "../projection.ts";
import { pieceColumns, type EncodedRecords, type RecordOptions } from "./encoded_records.ts";
import { packRecords } from "./pack_records.ts";
import { writeRecords } from "./write_records.ts";

/** A batch as rows of the tables, on any thread. Features with a position that has no image are counted and left out. */
export async function encodeRecords(batch: FeatureBatch, options: RecordOptions): Promise<Transferred<EncodedRecords>> {
  const encoded = makeRecords(batch, options, await openProjection(options.crs, options.batchCrs));
  return transferred(
    encoded,
    encoded.pieces.flatMap(pieceColumns).map(({ buffer }) => buffer),
  );
}

/** The same where the projection is at hand. */
export function makeRecords(batch: FeatureBatch, options: RecordOptions, project: Project): EncodedRecords {
  project(batch);
  return packRecords(batch, options) ?? writeRecords(batch, options);
}
