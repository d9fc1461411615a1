import { redactUrl, TilthError } from "../core/index.ts";
import { arcgisSource } from "./arcgis_source.ts";
import { findCatalogueEntry, openCatalogueSource } from "./catalogue.ts";
import { queryValue } from "./query.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { templateSource } from "./template_source.ts";
import { tileJsonSource } from "./tilejson_source.ts";
import type { TileSource } from "./tile_source.ts";
import { wmsSource } from "./wms_source.ts";
import { wmtsSource } from "./wmts_source.ts";

const PLACEHOLDER = /(?<!\$)\{[^{}]+\}/;

/**
 * A source by what a person writes: a name of the catalogue, a URL with placeholders, a WMS, WMTS, ArcGIS or TileJSON URL, or a TileJSON file.
 * @throws `source.invalid`, `source.policy`, `http.*`
 */
export async function openSource(spec: string, options: OpenSourceOptions = {}): Promise<TileSource> {
  if (findCatalogueEntry(spec) !== null) return openCatalogueSource(spec, options);
  const isUrl = /^https?:\/\//i.test(spec);
  if (PLACEHOLDER.test(spec) && isUrl) return templateSource(spec, options);
  if (!isUrl && /\.json$/i.test(spec)) return tileJsonSource(spec, options);
  if (!isUrl) throw unknownSpec(spec);
  return openUrl(spec, options);
}

async function openUrl(url: string, options: OpenSourceOptions): Promise<TileSource> {
  const path = (url.split(/[?#]/)[0] ?? "").toLowerCase();
  if (/\/(?:map|image)server\/?$/.test(path)) return arcgisSource(url, options);
  const service = queryValue(url, "service")?.toLowerCase();
  const request = queryValue(url, "request")?.toLowerCase();
  if (service === "wmts" || request === "gettile") return wmtsSource(url, options);
  if (service === "wms" || request === "getmap") return wmsSource(url, options);
  if (path.endsWith(".json")) return tileJsonSource(url, options);
  throw unknownSpec(url);
}

function unknownSpec(spec: string): TilthError {
  const shown = redactUrl(spec).split(/[?#]/)[0]?.slice(0, 100);
  if (/capabilities/i.test(spec)) {
    const advice = "give the service's URL with service=WMS or service=WMTS and --layer NAME, or a URL template";
    const message = `capabilities documents are not read yet: ${advice}; got '${shown}'`;
    return new TilthError("source.invalid", message, { fields: { source: shown } });
  }
  const message = `expected a source: a name of 'tilth sources', a URL with {z}/{x}/{y}, a WMS or WMTS URL with service=, an ArcGIS MapServer or ImageServer URL, a TileJSON URL or file, or a local .mbtiles, .gpkg or folder; got '${shown}'`;
  return new TilthError("source.invalid", message, { fields: { source: shown } });
}
