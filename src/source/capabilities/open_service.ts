import { redactUrl, TilthError } from "../../core/index.ts";
import { arcgisSourceAt } from "../arcgis_source.ts";
import type { OpenSourceOptions } from "../source_options.ts";
import { parseTileJson, tileJsonSourceAt } from "../tilejson_source.ts";
import type { TileSource } from "../tile_source.ts";
import { chooseLayers } from "./choose.ts";
import { describeAt, describeService, isHttpUrl, type DescribedService } from "./describe_service.ts";
import { accessOfLink } from "./link_access.ts";
import { matrixSource } from "./matrix_source.ts";
import type { ServiceDescription, ServiceMatrixSet } from "./service_description.ts";
import { wmsServiceSource } from "./wms_service.ts";
import { decodeDescription } from "./xml_text.ts";

/** Documents that are followed from one to the next: a list of maps, its map, its matrix set. */
const MAX_LINKS = 3;

/**
 * A source of a service that describes itself, by the URL or the file of its description.
 * @throws `source.invalid` when layer, style, format, matrix set or dimension must be named or is not there; `source.exception`, `http.*`
 */
export async function openServiceSource(spec: string, options: OpenSourceOptions = {}): Promise<TileSource> {
  const described = await describeService(spec, options);
  const { place, bytes, base } = described;
  const { kind } = described.description;
  if (kind === "tilejson")
    return tileJsonSourceAt(parseTileJson(decodeDescription(bytes), base), place.access, options);
  if (kind === "arcgis" && isHttpUrl(spec)) {
    const access = { ...place.access, url: withoutFormat(place.access.url) };
    return arcgisSourceAt(withoutFormat(spec), access, decodeDescription(bytes), options);
  }
  return openDescribed(described, options, MAX_LINKS);
}

/** `f=json` asks for the description, not for tiles. */
const withoutFormat = (url: string): string => url.replace(/([?&])f=p?json(?:&|$)/i, "$1").replace(/[?&]$/, "");

async function openDescribed(
  described: DescribedService,
  options: OpenSourceOptions,
  links: number,
): Promise<TileSource> {
  const { description, place } = described;
  if (description.kind === "wms") return wmsServiceSource(description, place, options);
  const next = links > 0 ? findNextDocument(description, options) : null;
  if (next === null) return matrixSource(description, place, options);
  const access = accessOfLink(next.link, place);
  const found = await describeAt(access, options);
  if (found.description.kind !== description.kind)
    throw new TilthError(
      "source.invalid",
      `expected another description of the kind ${description.kind} at ${redactUrl(next.link, access.secrets)}, got one of ${found.description.kind}`,
    );
  if (next.set === null) return openDescribed(found, { ...options, layer: undefined }, links - 1);
  return openDescribed(
    { ...described, description: withSet(description, next.set, found.description) },
    options,
    links - 1,
  );
}

interface NextDocument {
  readonly link: string;
  /** The matrix set that it defines; null when it describes the layer. */
  readonly set: ServiceMatrixSet | null;
}

/** What the chosen layer leaves to other documents: itself, its tile set, or the definition of its matrix set. */
function findNextDocument(description: ServiceDescription, options: OpenSourceOptions): NextDocument | null {
  const [layer] = chooseLayers(description, options.layer);
  if (layer === undefined) return null;
  if (layer.link !== null) return { link: layer.link, set: null };
  const wanted = options.matrixSet ?? options.grid?.id;
  const named = layer.matrixSets.find(({ id }) => id.toLowerCase() === wanted?.toLowerCase());
  const usual = layer.matrixSets.find(({ id }) => id === "WebMercatorQuad");
  const link = named ?? (options.matrixSet === undefined ? (usual ?? layer.matrixSets[0]) : undefined);
  if (link?.link !== null && link?.link !== undefined) return { link: link.link, set: null };
  const set = description.matrixSets.find(({ id }) => id === link?.id);
  return set?.link !== null && set?.link !== undefined && set.matrices.length === 0 ? { link: set.link, set } : null;
}

function withSet(
  description: ServiceDescription,
  set: ServiceMatrixSet,
  found: ServiceDescription,
): ServiceDescription {
  const [defined] = found.matrixSets;
  const filled: ServiceMatrixSet =
    defined === undefined
      ? { ...set, link: null, problem: "its document defines none" }
      : { ...defined, id: set.id, link: null };
  return { ...description, matrixSets: description.matrixSets.map((one) => (one.id === set.id ? filled : one)) };
}
