import type { Crs } from "../../crs/index.ts";
import type { TileMatrix, TileMatrixSet } from "../../grid/index.ts";
import { boundsOf } from "../grid_bounds.ts";
import { matrixSetName } from "../matrix_set_names.ts";
import { mediaTypeOfFormat } from "../media_types.ts";
import type { ServedCache } from "../served_cache.ts";
import { tileLimitsOf, type TileLimits } from "../tile_limits.ts";
import { element, escapeXml } from "./xml.ts";

/** `urn:ogc:def:crs:EPSG::2056`; null for a CRS without an authority's code, which WMTS cannot speak of. */
export function crsUrn({ code }: Crs): string | null {
  if (code === "OGC:CRS84") return "urn:ogc:def:crs:OGC:1.3:CRS84";
  const [authority, number] = code.split(":");
  return number !== undefined && /^(?:EPSG|ESRI|IGNF)$/.test(authority ?? "")
    ? `urn:ogc:def:crs:${authority}::${number}`
    : null;
}

/** Caches that WMTS can publish. */
export function listLayers(caches: readonly ServedCache[]): ServedCache[] {
  return caches.filter(({ cache }) => crsUrn(cache.store.grid.crs) !== null);
}

/** Media type of a cache's tiles. */
export function layerFormat({ cache }: ServedCache): string {
  return mediaTypeOfFormat(cache.store.metadata.format ?? "png");
}

/** WMTS 1.0.0 ServiceMetadata (OGC 07-057r7, 7.1.1); `base`: the server's address without a slash at the end. */
export function wmtsCapabilities(all: readonly ServedCache[], base: string): string {
  const caches = listLayers(all);
  const sets = new Map(caches.map((served) => [matrixSetName(served, caches), served.cache.store.grid]));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="1.0.0"',
    ' xsi:schemaLocation="http://www.opengis.net/wmts/1.0 http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd">',
    "<ows:ServiceIdentification><ows:Title>Tilth</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>",
    "<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>",
    "<ows:OperationsMetadata>",
    ...["GetCapabilities", "GetTile"].map((name) => operation(name, base)),
    "</ows:OperationsMetadata>",
    "<Contents>",
    ...caches.map((served) => layer(served, matrixSetName(served, caches), base)),
    ...[...sets].map(([name, grid]) => matrixSet(name, grid)),
    "</Contents>",
    `<ServiceMetadataURL xlink:href="${escapeXml(base)}/wmts/1.0.0/WMTSCapabilities.xml"/>`,
    "</Capabilities>\n",
  ].join("\n");
}

function operation(name: string, base: string): string {
  const get = (href: string, encoding: string): string =>
    `<ows:Get xlink:href="${escapeXml(href)}"><ows:Constraint name="GetEncoding"><ows:AllowedValues><ows:Value>${encoding}</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get>`;
  const rest = name === "GetTile" ? `${base}/wmts/rest/` : `${base}/wmts/1.0.0/WMTSCapabilities.xml`;
  return `<ows:Operation name="${name}"><ows:DCP><ows:HTTP>${get(`${base}/wmts?`, "KVP")}${get(rest, "RESTful")}</ows:HTTP></ows:DCP></ows:Operation>`;
}

function layer(served: ServedCache, set: string, base: string): string {
  const { name, title, attribution } = served;
  const [west, south, east, north] = boundsOf(served);
  const format = layerFormat(served);
  const template = `${base}/wmts/rest/${name}/default/${set}/{TileMatrix}/{TileRow}/{TileCol}`;
  return [
    "<Layer>",
    element("ows:Title", title || name),
    ...(attribution === "" ? [] : [element("ows:Abstract", attribution)]),
    `<ows:WGS84BoundingBox><ows:LowerCorner>${west} ${south}</ows:LowerCorner><ows:UpperCorner>${east} ${north}</ows:UpperCorner></ows:WGS84BoundingBox>`,
    element("ows:Identifier", name),
    '<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>',
    element("Format", format),
    `<TileMatrixSetLink>${element("TileMatrixSet", set)}${limits(tileLimitsOf(served))}</TileMatrixSetLink>`,
    `<ResourceURL format="${format}" resourceType="tile" template="${escapeXml(template)}"/>`,
    "</Layer>",
  ].join("");
}

/** The levels of a cache within its grid (OGC 07-057r7, table 10); a cache without any says nothing. */
function limits(levels: readonly TileLimits[]): string {
  if (levels.length === 0) return "";
  const of = ({ tileMatrix, minTileRow, maxTileRow, minTileCol, maxTileCol }: TileLimits): string =>
    [
      "<TileMatrixLimits>",
      element("TileMatrix", tileMatrix),
      element("MinTileRow", minTileRow),
      element("MaxTileRow", maxTileRow),
      element("MinTileCol", minTileCol),
      element("MaxTileCol", maxTileCol),
      "</TileMatrixLimits>",
    ].join("");
  return `<TileMatrixSetLimits>${levels.map(of).join("")}</TileMatrixSetLimits>`;
}

function matrixSet(name: string, { crs, matrices }: TileMatrixSet): string {
  const levels = matrices.map((matrix) => matrixElement(matrix, crs.axisOrder === "yx"));
  return `<TileMatrixSet>${element("ows:Identifier", name)}${element("ows:SupportedCRS", crsUrn(crs) ?? "")}${levels.join("")}</TileMatrixSet>`;
}

/** The corner in the axis order of the CRS's authority (OGC 07-057r7, table 13). */
function matrixElement(matrix: TileMatrix, yFirst: boolean): string {
  const { id, scaleDenominator, pointOfOrigin, tileWidth, tileHeight, matrixWidth, matrixHeight } = matrix;
  const corner = yFirst ? pointOfOrigin.toReversed() : pointOfOrigin;
  return [
    "<TileMatrix>",
    element("ows:Identifier", id),
    element("ScaleDenominator", scaleDenominator),
    element("TopLeftCorner", corner.join(" ")),
    element("TileWidth", tileWidth),
    element("TileHeight", tileHeight),
    element("MatrixWidth", matrixWidth),
    element("MatrixHeight", matrixHeight),
    "</TileMatrix>",
  ].join("");
}
