import { TilthError } from "../../core/index.ts";
import { parseArcgisConf } from "./arcgis_conf.ts";
import { parseArcgisJson } from "./arcgis.ts";
import { parseJsonObject, type Json } from "./json_values.ts";
import { isOgcTiles, parseOgcTiles } from "./ogc_tiles.ts";
import { refuseOtherAnswers } from "./refuse_answers.ts";
import type { ServiceDescription } from "./service_description.ts";
import { describeTileJson } from "./tilejson.ts";
import { parseTileMap, parseTileMapService, parseTmsRoot } from "./tms.ts";
import { parseWms } from "./wms.ts";
import { parseWmts } from "./wmts.ts";
import { decodeDescription } from "./xml_text.ts";
import { parseXml, type XmlNode } from "./xml_tree.ts";

export interface ParseServiceOptions {
  /** URL of the document, for what is relative in it. @default "": a file */
  base?: string;
  /** Values that no error may show. */
  secrets?: readonly string[];
}

/** XML documents by the name of their root. */
const XML_PARSERS: Readonly<Record<string, (root: XmlNode, base: string) => ServiceDescription>> = {
  Capabilities: parseWmts,
  WMS_Capabilities: parseWms,
  WMT_MS_Capabilities: parseWms,
  Services: parseTmsRoot,
  TileMapService: parseTileMapService,
  TileMap: parseTileMap,
  CacheInfo: parseArcgisConf,
};

/**
 * What a service says of itself, of any kind that is known: WMTS and WMS capabilities, ArcGIS `?f=json` and cache conf.xml, TileJSON, TMS XML,
 * OGC API Tiles. It is told by its content. Nothing is fetched.
 * @throws `source.exception` when the service answered with an exception; `source.invalid` for anything else that is no description
 */
export function parseServiceDescription(bytes: Uint8Array, options: ParseServiceOptions = {}): ServiceDescription {
  const { base = "", secrets = [] } = options;
  const text = decodeDescription(bytes);
  refuseOtherAnswers(text, secrets);
  if (text.trimStart().startsWith("{")) return parseJsonDescription(parseJsonObject(text), text, base);
  const root = parseXml(text);
  const parse = Object.hasOwn(XML_PARSERS, root.name) ? XML_PARSERS[root.name] : undefined;
  if (parse !== undefined) return parse(root, base);
  throw unknown(`an XML document <${root.name.slice(0, 60)}>`);
}

function parseJsonDescription(json: Json, text: string, base: string): ServiceDescription {
  if (isOgcTiles(json)) return parseOgcTiles(json, base);
  if (Array.isArray(json["tiles"])) return describeTileJson(text, base);
  if ("currentVersion" in json || "tileInfo" in json || "singleFusedMapCache" in json)
    return parseArcgisJson(json, base);
  throw unknown("another JSON document");
}

function unknown(got: string): TilthError {
  return new TilthError(
    "source.invalid",
    `expected WMTS or WMS capabilities, ArcGIS ?f=json, a TileJSON, TMS XML or OGC API Tiles, got ${got}`,
  );
}
