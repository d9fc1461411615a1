import type { LonLatBbox } from "../../geo/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import { lonLatBounds } from "./bounds.ts";
import {
  makeLayer,
  type MatrixSetLink,
  type ServiceDimension,
  type ServiceLayer,
  type ServiceStyle,
  type Skipped,
  type TileMatrixLimits,
  type TileTemplate,
} from "./service_description.ts";
import { child, children, finite, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** URLs of one layer that are read: mirrors for each format. */
const MAX_TEMPLATES = 64;

/** A layer of WMTS capabilities; none when it has no identifier, which is then told. */
export function wmtsLayer(node: XmlNode, base: string, skipped: Skipped[]): ServiceLayer[] {
  const name = words(node, "Identifier");
  if (name === "") {
    skipped.push({ what: `layer '${words(node, "Title")}'`, reason: "it has no identifier" });
    return [];
  }
  return [
    makeLayer({
      name,
      title: words(node, "Title") || name,
      abstract: words(node, "Abstract"),
      styles: children(node, "Style").map(wmtsStyle),
      formats: children(node, "Format").map(({ text }) => oneLine(text)),
      bounds: wmtsBounds(node),
      matrixSets: children(node, "TileMatrixSetLink").map(wmtsLink),
      dimensions: children(node, "Dimension").map(wmtsDimension),
      templates: wmtsTemplates(node, name, base, skipped),
    }),
  ];
}

function wmtsStyle(node: XmlNode): ServiceStyle {
  const name = words(node, "Identifier");
  return {
    name,
    title: words(node, "Title") || name,
    isDefault: /^(?:true|1)$/i.test(node.attributes["isDefault"] ?? ""),
  };
}

/** WGS84BoundingBox is longitude first whatever else is written (OGC 06-121r9, 10.2.2). */
function wmtsBounds(node: XmlNode): LonLatBbox | null {
  const box = child(node, "WGS84BoundingBox");
  const corner = (name: string): (number | null)[] =>
    words(box, name)
      .split(/[\s,]+/)
      .map(finite);
  const [west = null, south = null] = corner("LowerCorner");
  const [east = null, north = null] = corner("UpperCorner");
  return lonLatBounds([west, south, east, north]);
}

function wmtsLink(node: XmlNode): MatrixSetLink {
  const limits = child(node, "TileMatrixSetLimits");
  return {
    id: words(node, "TileMatrixSet"),
    limits: limits === null ? null : children(limits, "TileMatrixLimits").flatMap(wmtsLimits),
    link: null,
  };
}

/** A level whose numbers cannot be read has no limits. */
function wmtsLimits(node: XmlNode): TileMatrixLimits[] {
  const [minRow = null, maxRow = null, minCol = null, maxCol = null] = [
    "MinTileRow",
    "MaxTileRow",
    "MinTileCol",
    "MaxTileCol",
  ].map((name) => finite(words(node, name)));
  if (minRow === null || maxRow === null || minCol === null || maxCol === null) return [];
  return [{ matrix: words(node, "TileMatrix"), minRow, maxRow, minCol, maxCol }];
}

/** Values of one dimension that are read. */
const MAX_VALUES = 200_000;

function wmtsDimension(node: XmlNode): ServiceDimension {
  return {
    name: words(node, "Identifier"),
    units: words(node, "UOM") || words(node, "UnitSymbol"),
    default: words(node, "Default"),
    values: children(node, "Value")
      .flatMap(({ text }) => text.split(","))
      .map((value) => value.trim())
      .filter((value) => value !== "")
      .slice(0, MAX_VALUES),
    nearest: false,
  };
}

function wmtsTemplates(node: XmlNode, name: string, base: string, skipped: Skipped[]): TileTemplate[] {
  const resources = children(node, "ResourceURL").filter(({ attributes }) => attributes["resourceType"] === "tile");
  return resources.slice(0, MAX_TEMPLATES).flatMap(({ attributes }) => {
    const template = absoluteUrl(attributes["template"] ?? "", base);
    if (template === null)
      skipped.push({ what: `a tile URL of layer ${name}`, reason: "it is no http URL, or relative to nothing" });
    const format = oneLine(attributes["format"] ?? "");
    return template === null ? [] : [{ format, template, matrixSet: null, matrix: null }];
  });
}
