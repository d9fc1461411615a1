import { TilthError } from "../core/index.ts";
import { getHttpClient } from "../net/index.ts";
import { requireSeedableEntry } from "./bulk_policy.ts";
import { CATALOGUE_ENTRIES, type CatalogueEntry } from "./catalogue_entries.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { templateSource } from "./template_source.ts";
import type { TileSource } from "./tile_source.ts";

export type { CatalogueEntry } from "./catalogue_entries.ts";

/** All sources known by name, those that may not be seeded too. */
export function listCatalogue(): readonly CatalogueEntry[] {
  return CATALOGUE_ENTRIES;
}

/** By its name, in any case; null when there is none. */
export function findCatalogueEntry(name: string): CatalogueEntry | null {
  return CATALOGUE_ENTRIES.find((entry) => entry.name === name.toLowerCase()) ?? null;
}

/**
 * A source of the catalogue, at the pace that its host is owed.
 * @throws `source.policy` unless its terms are known to allow bulk use, `source.invalid` for an unknown name or a key that is not set
 */
export function openCatalogueSource(name: string, options: OpenSourceOptions = {}): TileSource {
  const entry = findCatalogueEntry(name);
  if (entry === null) {
    const known = CATALOGUE_ENTRIES.map((one) => one.name).join(", ");
    throw new TilthError("source.invalid", `expected a source of the catalogue (${known}), got '${name}'`);
  }
  requireSeedableEntry(entry);
  const { title, attribution, termsUrl, minZoom, maxZoom, bulk, format, pace } = entry;
  const known = { kind: "catalogue", title, attribution, termsUrl, minZoom, maxZoom, bulk, format };
  const client = options.client ?? getHttpClient();
  const source = templateSource(entry.template, { ...options, client }, known);
  if (pace === null) return source;
  for (const { host } of source.hosts) client.hosts.limit(host, pace);
  return templateSource(entry.template, { ...options, client }, known);
}
