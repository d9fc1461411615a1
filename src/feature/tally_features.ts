import type { FeatureBatch } from "./feature_batch.ts";
import { measureFeature, type Envelope } from "./geometry_range.ts";
import { LayerTally, type TallyColumns } from "./layer_tally.ts";

/** Called for each feature that has a place; the envelope holds until the next. @param number of the feature in its layer and batch, from 1 */
type PlacedFeature = (feature: number, layer: number, number: number, envelope: Envelope) => void;

/** Walks over a batch, counts what each layer gets, and leaves features out that have no image in the file's system. */
export function tallyFeatures(batch: FeatureBatch, layerCount: number, encode: PlacedFeature): TallyColumns {
  const tally = new LayerTally(layerCount);
  const envelope = new Float64Array(4);
  for (let i = 0; i < batch.count; i++) {
    const layer = batch.layers[i] as number;
    if (measureFeature(batch.geometry, i, envelope)) encode(i, layer, tally.add(layer, envelope), envelope);
    else tally.unprojectable += 1;
  }
  const { counts, extents, unprojectable } = tally;
  return { counts, extents, unprojectable };
}
