import type { FeatureBatch } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { LAYER_PROPERTY, tagPropertyNames } from "./property_names.ts";
import { quote } from "./quote.ts";

interface LayerPlan {
  /** `"layer":"name"`. */
  readonly layer: string;
  readonly columns: readonly { readonly prefix: string; readonly values: Float64Array; readonly isText: boolean }[];
  readonly nameOf: (key: string) => string;
  /** Each text of the batch as a key, made when it is first needed. */
  readonly keys: string[];
}

/** Members of the features of one batch, as text. What a text means is found out once. */
export class PropertiesMaker {
  readonly #batch: FeatureBatch;
  readonly #plans: readonly LayerPlan[];
  /** Each text as a value, made when it is first needed. */
  readonly #quoted: string[] = [];

  constructor(batch: FeatureBatch, layers: readonly FeatureLayer[]) {
    this.#batch = batch;
    this.#plans = layers.map((layer) => planOf(layer, batch));
  }

  /** Columns, without those that are null, then all tags. */
  make(i: number): string {
    const { tags, tagEnds, layers } = this.#batch;
    const plan = this.#plans[layers[i] as number] as LayerPlan;
    let json = `{${plan.layer}`;
    for (const { prefix, values, isText } of plan.columns) {
      const value = values[i] as number;
      if (Number.isFinite(value)) json += `,${prefix}:${isText ? this.#quote(value) : value}`;
    }
    for (let at = i === 0 ? 0 : (tagEnds[i - 1] as number); at < (tagEnds[i] as number); at += 2)
      json += `,${this.#key(plan, tags[at] as number)}:${this.#quote(tags[at + 1] as number)}`;
    return `${json}}`;
  }

  /** `,"id":"way/123"`; nothing for features that do not come from OpenStreetMap. */
  idMember(i: number): string {
    const { osm_type: types, osm_id: ids } = this.#batch.columns;
    const [type, id] = [types?.[i] ?? Number.NaN, ids?.[i] ?? Number.NaN];
    if (Number.isNaN(type) || Number.isNaN(id)) return "";
    return `,"id":${this.#quote(type).slice(0, -1)}/${id}"`;
  }

  #quote(index: number): string {
    return (this.#quoted[index] ??= quote(this.#batch.strings[index] as string));
  }

  #key({ keys, nameOf }: LayerPlan, index: number): string {
    return (keys[index] ??= quote(nameOf(this.#batch.strings[index] as string)));
  }
}

function planOf(layer: FeatureLayer, batch: FeatureBatch): LayerPlan {
  const columns = layer.columns.flatMap(({ name, type }) => {
    const values = batch.columns[name];
    return values === undefined ? [] : [{ prefix: quote(name), values, isText: type === "text" }];
  });
  return { layer: `${quote(LAYER_PROPERTY)}:${quote(layer.name)}`, columns, nameOf: tagPropertyNames(layer), keys: [] };
}
