export { encodeBatch, isEncoded, type BatchEncoding, type EncodedBatch } from "./batch_encoding.ts";
export { BatchBuilder } from "./batch_builder.ts";
export {
  batchBuffers,
  GEOMETRY_KINDS,
  type FeatureBatch,
  type GeometryColumns,
  type GeometryKind,
} from "./feature_batch.ts";
export type {
  FeatureColumn,
  FeatureFileOptions,
  FeatureFileSummary,
  FeatureLayer,
  FeatureProvenance,
  FeatureWriter,
  LayerSummary,
} from "./feature_writer.ts";
export { WriterStandby } from "./writer_standby.ts";
export { encoderModules, openFeatureWriter, requireFeatureFormat } from "./open_feature_writer.ts";
export { SpillFile } from "./spill_file.ts";
