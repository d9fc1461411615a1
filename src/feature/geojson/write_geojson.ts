import type { FeatureBatch } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { partsOf } from "../geometry_range.ts";
import { tallyFeatures } from "../tally_features.ts";
import type { EncodedGeojson, GeojsonOptions } from "./encoded_geojson.ts";
import { FEATURE_HEAD, writeGeometry } from "./geometry_json.ts";
import { JsonWriter } from "./json_writer.ts";
import { PropertiesMaker } from "./properties_maker.ts";

/** Text of a batch in lon/lat, the long way: any batch, and the judge of `packGeojson`. */
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
