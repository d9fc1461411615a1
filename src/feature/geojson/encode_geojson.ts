import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { LON_LAT, openProjection } from "../projection.ts";
import type { EncodedGeojson, GeojsonOptions } from "./encoded_geojson.ts";
import { packGeojson } from "./pack_geojson.ts";
import { writeGeojson } from "./write_geojson.ts";

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
