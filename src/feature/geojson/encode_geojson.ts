import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { Encoded } from "../encoded_sink.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { partsOf } from "../geometry_range.ts";
import { LON_LAT, openProjection } from "../projection.ts";
import { tallyFeatures } from "../tally_features.ts";
import { FEATURE_HEAD, writeGeometry } from "./geometry_json.ts";
import { JsonWriter } from "./json_writer.ts";
import { packGeojson } from "./pack_geojson.ts";
import { PropertiesMaker } from "./properties_maker.ts";

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

/** A batch as text, on a thread. Features with a position that is no number are counted and left out. */
export async function encodeGeojson(
  batch: FeatureBatch,
  options: GeojsonOptions,
): Promise<Transferred<EncodedGeojson>> {
  const { batchCrs } = options;
  if (batchCrs !== undefined) (await openProjection(LON_LAT, batchCrs))(batch);
  const encoded = packGeojson(batch, options) ?? writeGeojson(batch, options);
  return transferred(
    encoded,
    encoded.chunks.map(({ buffer }) => buffer),
  );
}

/** Of a batch in lon/lat. */
export function writeGeojson(batch: FeatureBatch, { layers, before, between }: GeojsonOptions): EncodedGeojson {
  const { geometry } = batch;
  const properties = new PropertiesMaker(batch, layers);
  const writer = new JsonWriter();
  const tally = tallyFeatures(batch, layers.length, (i, layer) => {
    const { geometry: kind } = layers[layer] as FeatureLayer;
    const separator = writer.isEmpty ? before : between + before;
    writer.text(`${separator}${FEATURE_HEAD}${properties.idMember(i)},"properties":${properties.make(i)},"geometry":`);
    writeGeometry(writer, geometry, kind, partsOf(geometry, i));
    writer.text("}");
  });
  return { chunks: writer.finish(), tally };
}
