import type { Crs } from "../crs/index.ts";
import type { Bbox } from "../geo/index.ts";
import type { BatchEncoding, EncodedBatch } from "./batch_encoding.ts";
import type { FeatureBatch } from "./feature_batch.ts";
import type { WriterStandby } from "./writer_standby.ts";

export interface FeatureColumn {
  /** As the batches call it. */
  readonly name: string;
  readonly type: "integer" | "real" | "text";
  /** What it says, with its unit. */
  readonly description?: string;
}

/** One table of features. All its geometries are of one kind: a polygon in a layer of multipolygons is written as one of one part. */
export interface FeatureLayer {
  /** Letters, digits and `_`, beginning with a letter; unique within the file, upper and lower case being the same. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly geometry: "point" | "line" | "multiLine" | "multiPolygon";
  readonly columns: readonly FeatureColumn[];
  /** Keys that get a text column of their own, in this order; all tags are kept as JSON in a column `tags` besides. */
  readonly tagKeys: readonly string[];
}

export interface FeatureFileOptions {
  /** What was started for this file beforehand. */
  readonly standby?: WriterStandby;
  /** Everything that will be written; a layer that gets no feature is left out of the file. */
  readonly layers: readonly FeatureLayer[];
  /** Of the file. @default OGC:CRS84 */
  readonly crs?: Crs;
  /** Of the batches; positions are moved where the file has another. @default OGC:CRS84 */
  readonly batchCrs?: Crs;
  /** Who must be named, e.g. '(c) OpenStreetMap contributors, ODbL 1.0'. */
  readonly attribution: string;
  /** Where the features come from and when: for the metadata tables. */
  readonly provenance: FeatureProvenance;
  readonly signal?: AbortSignal;
}

export interface FeatureProvenance {
  /** Of the program that wrote the file. */
  readonly generator: string;
  /** A file's name, or a URL without secrets. */
  readonly source: string;
  /** Of the data, UTC milliseconds; null when it does not say. */
  readonly dataTimeMs: number | null;
  /** UTC milliseconds. */
  readonly writtenAtMs: number;
  readonly license: string;
  readonly licenseUrl: string;
}

export interface LayerSummary {
  readonly name: string;
  readonly count: number;
  /** In the file's CRS; null without features. */
  readonly bbox: Bbox | null;
  /** False when the format has an index but the layer was too large for one (FlatGeobuf, a layer of more than 2,000,000 features); else left out. */
  readonly isIndexed?: boolean;
}

export interface FeatureFileSummary {
  readonly layers: readonly LayerSummary[];
  /** Features with a position that has no image in the file's CRS; they are not written. */
  readonly unprojectable: number;
}

/**
 * A file of features while it is made. Nothing is at its place before `finish`: a new file is written beside and renamed; in a file that is
 * there already (a GeoPackage with tiles) new tables are not listed before, and what a killed writer left is removed by the next. After a batch that was
 * not written (cancelled, no space) nothing more is taken.
 */
export interface FeatureWriter extends AsyncDisposable {
  readonly path: string;
  /** By which a producer may encode its batches on threads of its own (`encodeBatch`); null: batches only. */
  readonly encoding: BatchEncoding | null;
  /** Resolves when more may come: that is the back-pressure. The batch's buffers are handed over. @throws `store.*`, `cancelled`; `argument.invalid` once finished */
  write(batch: FeatureBatch | EncodedBatch, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Says that no feature comes for some layers any more, by their places in `layers`: their indexes may be made while others are written. A feature that comes all the same is
   * refused where that has been done. @throws `store.*`, `cancelled`; `argument.invalid` once finished
   */
  endLayers(layers: readonly number[], options?: { signal?: AbortSignal }): Promise<void>;
  /** Indexes, extents, metadata; then the file is whole and closed. Once only. @throws `store.*`, `cancelled`; `argument.invalid` the second time */
  finish(options?: { signal?: AbortSignal }): Promise<FeatureFileSummary>;
  /** Without `finish`: takes everything back. */
  [Symbol.asyncDispose](): Promise<void>;
}
