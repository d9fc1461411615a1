import type { Encoded } from "../encoded_sink.ts";
import type { FeatureLayer } from "../feature_writer.ts";

export interface GeojsonOptions {
  readonly layers: readonly FeatureLayer[];
  /** Before each feature, and behind each but the last of a batch (behind the last as well when it is a line's end). */
  readonly before: string;
  readonly between: string;
  /** Definition of the batches' system. @default that of lon/lat */
  readonly batchCrs?: string;
}

export interface EncodedGeojson extends Encoded {
  /** UTF-8: features one behind the other, with `between` between them. Empty without a feature. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
}
