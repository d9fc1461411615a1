import { redactUrl, TilthError } from "../core/index.ts";
import { arcgisSource } from "./arcgis_source.ts";
import { openServiceSource } from "./capabilities/open_service.ts";
import { findCatalogueEntry, openCatalogueSource } from "./catalogue.ts";
import { queryValue } from "./query.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { templateSource } from "./template_source.ts";
import type { TileSource } from "./tile_source.ts";
import { wmsSource } from "./wms_source.ts";
import { wmtsSource } from "./wmts_source.ts";

const PLACEHOLDER = /(?<!\$)\{[^{}]+\}/;

/**
 * A source by what a person writes: a name of the catalogue, a URL with placeholders, a WMS, WMTS, ArcGIS or TileJSON URL, or the URL or file of a
 * description (capabilities, TileJSON, TMS XML, OGC API Tiles).
 * @throws `source.invalid`, `source.policy`, `source.exception`, `http.*`
 */
export async function openSource(spec: string, options: OpenSourceOptions = {}): Promise<TileSource> {
  if (findCatalogueEntry(spec) !== null) return openCatalogueSource(spec, options);
  const isUrl = /^https?:\/\//i.test(spec);
  if (PLACEHOLDER.test(spec) && isUrl) return templateSource(spec, options);
  if (isUrl) return openUrl(spec, options);
  if (/\.(?:json|xml)$/i.test(spec)) return openServiceSource(spec, options);
  throw unknownSpec(spec);
}

async function openUrl(url: string, options: OpenSourceOptions): Promise<TileSource> {
  const path = (url.split(/[?#]/)[0] ?? "").toLowerCase();
  if (/\/(?:map|image)server\/?$/.test(path)) return arcgisSource(url, options);
  const service = queryValue(url, "service")?.toLowerCase();
  const request = queryValue(url, "request")?.toLowerCase();
  if (request === "getcapabilities") return openServiceSource(url, options);
  if (service === "wmts" || request === "gettile") return wmtsSource(url, options);
  if (service === "wms" || request === "getmap") return wmsSource(url, options);
  if (isDescription(url, path)) return openServiceSource(url, options);
  throw unknownSpec(url);
}

/** URLs that speak of a description: a document by its suffix, `f=json`, `/wmts`, `/wms`, a TMS, tile sets of OGC API Tiles. Others are not asked on a guess. */
function isDescription(url: string, path: string): boolean {
  if (/\.(?:json|xml)$/.test(path) || /\/(?:tms(?:\/|$)|wmts\/?$|wms\/?$)/.test(path)) return true;
  if (/json$/i.test(queryValue(url, "f") ?? "")) return true;
  return /\/tiles(?:\/[^/]+)?\/?$/.test(path);
}

function unknownSpec(spec: string): TilthError {
  const shown = redactUrl(spec).split(/[?#]/)[0]?.slice(0, 100);
  const message = `expected a source: a name of 'tilth sources', a URL with {z}/{x}/{y}, a WMS or WMTS URL with service= or request=GetCapabilities, an ArcGIS MapServer or ImageServer URL, the URL or file (.xml, .json) of capabilities, a TileJSON, TMS or OGC API Tiles, or a local .mbtiles, .gpkg or folder; got '${shown}'`;
  return new TilthError("source.invalid", message, { fields: { source: shown } });
}
