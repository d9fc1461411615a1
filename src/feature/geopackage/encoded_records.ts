import type { TallyColumns } from "../layer_tally.ts";
import type { TableSpec } from "../table_spec.ts";

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

export function pieceColumns({ layers, ends, bytes, boxes }: RecordPiece) {
  return [layers, ends, bytes, boxes];
}
