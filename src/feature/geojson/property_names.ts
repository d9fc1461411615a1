import type { FeatureLayer } from "../feature_writer.ts";

/** The property that names a feature's layer. */
export const LAYER_PROPERTY = "layer";

/** How often `_2` stands at the end of a name, and what is before. */
function splitName(name: string): [base: string, depth: number] {
  let length = name.length;
  while (name.endsWith("_2", length)) length -= 2;
  return [name.slice(0, length), (name.length - length) / 2];
}

/** Whether a tag's key may have another name in one of the layers. */
export function renamedIn(layers: readonly FeatureLayer[]): (key: string) => boolean {
  const names = layers.flatMap(({ columns }) => columns.map(({ name }) => splitName(name)[0]));
  const taken = new Set([LAYER_PROPERTY, ...names]);
  return (key) => taken.has(key) || key.endsWith("_2");
}

/**
 * Names of the properties that tags become. A tag with the name of a column or of `layer` (a common key in OpenStreetMap) gets `_2` behind it,
 * and so does a tag that has such a name already: no two keys ever become one.
 */
export function tagPropertyNames(layer: FeatureLayer): (key: string) => string {
  const depths = new Map<string, number>();
  for (const name of [LAYER_PROPERTY, ...layer.columns.map((column) => column.name)]) {
    const [base, depth] = splitName(name);
    depths.set(base, Math.max(depths.get(base) ?? 0, depth + 1));
  }
  return (key) => key + "_2".repeat(depths.get(splitName(key)[0]) ?? 0);
}
