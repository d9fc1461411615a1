import { TilthError } from "../../core/index.ts";
import { findCatalogueEntry, listCatalogue, type BulkPolicy, type TileSource } from "../../source/index.ts";
import { resolveSource, type ResolveSourceOptions } from "../resolve_source.ts";
import type { ConfiguredSource, ServeConfig } from "../serve_config.ts";
import type { Clients } from "./clients.ts";

/** A source that a job may name. */
export interface SourceOffer {
  readonly name: string;
  readonly title: string;
  readonly attribution: string;
  /** `cache`: a live cache and what fills it; `config`: named in the configuration; `catalogue`: Tilth's own. */
  readonly kind: "cache" | "config" | "catalogue";
  readonly bulk: BulkPolicy;
  readonly minZoom: number | null;
  readonly maxZoom: number | null;
  readonly termsUrl: string | null;
}

/** Sources of the configuration and those of the catalogue whose terms allow an area to be fetched. */
export function listOffers(sources: ServeConfig["sources"]): SourceOffer[] {
  const configured = Object.entries(sources).map(([name, source]): SourceOffer => {
    const { title = name, attribution = "", minZoom = null, maxZoom = null } = source;
    return { name, title, attribution, kind: "config", bulk: "unknown", minZoom, maxZoom, termsUrl: null };
  });
  const known = listCatalogue().filter(({ bulk, name }) => bulk === "allowed" && !(name in sources));
  return [...configured, ...known.map((entry): SourceOffer => ({ ...entry, kind: "catalogue" }))];
}

/** As the configuration names it: whatever `tilth seed` takes. */
export async function openTrusted(
  spec: string,
  sources: ServeConfig["sources"],
  clients: Clients,
  options: ResolveSourceOptions,
): Promise<TileSource> {
  const named = Object.hasOwn(sources, spec) ? sources[spec] : undefined;
  const access = { ...options, client: clients.trusted };
  return named === undefined ? resolveSource(spec, access) : openConfigured(named, access);
}

function openConfigured(named: ConfiguredSource, options: ResolveSourceOptions): Promise<TileSource> {
  const { source, dimensions, headers, ...rest } = named;
  const merged = {
    ...rest,
    ...definedOf(options),
    dimensions: { ...dimensions, ...options.dimensions },
    headers: { ...headers, ...options.headers },
  };
  return resolveSource(source, merged);
}

/** What is not said must not hide what the configuration says. */
function definedOf(options: ResolveSourceOptions): ResolveSourceOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * As somebody names it over the network: a name that is on offer, or the URL of a host that was allowed. Never a file, never a variable of the environment.
 * @throws `source.invalid`, `source.policy`, `http.forbidden`
 */
export async function openUntrusted(
  spec: string,
  sources: ServeConfig["sources"],
  clients: Clients,
  options: ResolveSourceOptions,
): Promise<TileSource> {
  if (Object.hasOwn(sources, spec) || findCatalogueEntry(spec) !== null)
    return openTrusted(spec, sources, clients, options);
  if (!/^https?:\/\//i.test(spec))
    throw new TilthError(
      "source.invalid",
      `expected the name of a source that is on offer here, or a URL, got '${spec.slice(0, 100)}'`,
    );
  const source = await resolveSource(spec, { ...options, client: clients.guarded, env: {} });
  try {
    // The guard is asked at each request as well; here it says at once what will never be fetched.
    const [scheme = "https:"] = /^https?:/i.exec(spec) ?? [];
    for (const { host } of source.hosts) clients.guard.checkUrl(new URL(`${scheme}//${host}/`));
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}
