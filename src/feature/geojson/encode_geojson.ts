import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { Encoded } from "../encoded_sink.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { partsOf } from "../geometry_range.ts";
import { tallyFeatures } from "../tally_features.ts";
import { FEATURE_HEAD, geometryJson } from "./geometry_json.ts";
import { PropertiesMaker } from "./properties_maker.ts";

export interface GeojsonOptions {
  readonly layers: readonly FeatureLayer[];
  /** Before each feature, and behind each but the last of a batch (behind the last as well when it is a line's end). */
  readonly before: string;
  readonly between: string;
}

export interface EncodedGeojson extends Encoded {
  /** UTF-8: features one behind the other, with `between` between them. Empty without a feature. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
}

/** Characters after which text becomes bytes: a batch is never one long string. */
const CHUNK_LENGTH = 1 << 20;

/** A batch as text, on a thread. Features with a position that is no number are counted and left out. */
export function encodeGeojson(batch: FeatureBatch, options: GeojsonOptions): Transferred<EncodedGeojson> {
  const { layers, before, between } = options;
  const { geometry } = batch;
  const properties = new PropertiesMaker(batch, layers);
  const chunks = new TextChunks();
  const tally = tallyFeatures(batch, layers.length, (i, layer) => {
    const { geometry: kind } = layers[layer] as FeatureLayer;
    const shape = geometryJson(geometry, kind, partsOf(geometry, i));
    const separator = chunks.isEmpty ? before : between + before;
    const head = `${separator}${FEATURE_HEAD}${properties.idMember(i)}`;
    chunks.push(`${head},"properties":${properties.make(i)},"geometry":${shape}}`);
  });
  const done = chunks.finish();
  return transferred(
    { chunks: done, tally },
    done.map(({ buffer }) => buffer),
  );
}

class TextChunks {
  readonly #encoder = new TextEncoder();
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #text = "";
  isEmpty = true;

  push(text: string): void {
    this.isEmpty = false;
    this.#text += text;
    if (this.#text.length >= CHUNK_LENGTH) this.#flush();
  }

  finish(): Uint8Array<ArrayBuffer>[] {
    if (this.#text !== "") this.#flush();
    return this.#chunks;
  }

  #flush(): void {
    this.#chunks.push(this.#encoder.encode(this.#text));
    this.#text = "";
  }
}
