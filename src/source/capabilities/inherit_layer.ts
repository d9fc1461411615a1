import type { ServiceDescription, ServiceLayer } from "./service_description.ts";

/** Groups around a layer at the most; the reader of XML allows no more. */
const MAX_ANCESTORS = 128;

/** A layer and the groups around it, the layer first. */
function chainOf(description: ServiceDescription, layer: ServiceLayer): ServiceLayer[] {
  const chain = [layer];
  while (chain.length < MAX_ANCESTORS) {
    const parent = chain.at(-1)?.parent;
    const group = typeof parent === "number" ? description.layers[parent] : undefined;
    if (group === undefined) break;
    chain.push(group);
  }
  return chain;
}

/** Titles of the groups around a layer, outermost first. */
export function layerPath(description: ServiceDescription, layer: ServiceLayer): string[] {
  return chainOf(description, layer)
    .slice(1)
    .map(({ title }) => title)
    .reverse();
}

/**
 * A layer with what it inherits: styles, systems and dimensions are added to those of its groups, box, scales and attribution replace theirs
 * (OGC 06-042, 7.2.4.8, table 7; 01-068r3, 7.1.4.7).
 */
export function inheritLayer(description: ServiceDescription, layer: ServiceLayer): ServiceLayer {
  const chain = chainOf(description, layer);
  if (chain.length === 1) return layer;
  const nearest = <T>(pick: (one: ServiceLayer) => T | null): T | null =>
    chain.map(pick).find((value) => value !== null) ?? null;
  return {
    ...layer,
    styles: firstOfName(chain.flatMap(({ styles }) => styles)),
    crs: [...new Set(chain.flatMap(({ crs }) => crs))],
    dimensions: firstOfName(chain.flatMap(({ dimensions }) => dimensions)),
    bounds: nearest(({ bounds }) => bounds),
    minScale: nearest(({ minScale }) => minScale),
    maxScale: nearest(({ maxScale }) => maxScale),
    attribution: nearest(({ attribution }) => attribution || null) ?? "",
  };
}

/** What a layer says itself stands before what its groups say by the same name. */
function firstOfName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  const named = new Map<string, T>();
  for (const one of all) if (!named.has(one.name)) named.set(one.name, one);
  return [...named.values()];
}
