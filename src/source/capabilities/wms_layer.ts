import type { LonLatBbox } from "../../geo/index.ts";
import { lonLatBounds } from "./bounds.ts";
import { makeLayer, type ServiceDimension, type ServiceLayer } from "./service_description.ts";
import { child, children, finite, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** A <Layer> of any version, without what it inherits. @param parent index of the group around it */
export function wmsLayer(node: XmlNode, parent: number | null, formats: readonly string[]): ServiceLayer {
  const name = words(node, "Name");
  const title = words(node, "Title") || name;
  return makeLayer({
    name: name === "" ? null : name,
    title,
    abstract: words(node, "Abstract"),
    parent,
    styles: children(node, "Style").map((style, index) => ({
      name: words(style, "Name"),
      title: words(style, "Title"),
      isDefault: index === 0,
    })),
    formats,
    bounds: exBounds(node) ?? latLonBounds(node),
    crs: wmsCrsList(node),
    dimensions: wmsDimensions(node),
    opaque: isTrue(node.attributes["opaque"]),
    cascaded: (finite(node.attributes["cascaded"]) ?? 0) > 0,
    minScale: finite(words(node, "MinScaleDenominator")) ?? hintScale(node, "min"),
    maxScale: finite(words(node, "MaxScaleDenominator")) ?? hintScale(node, "max"),
    attribution: words(child(node, "Attribution"), "Title"),
  });
}

const isTrue = (text: string | undefined): boolean => /^(?:1|true)$/i.test(text ?? "");

/** 1.3.0 has <CRS>, 1.1.x <SRS>; old servers list several in one element (OGC 01-068r3, 7.1.4.5.5). */
function wmsCrsList(node: XmlNode): string[] {
  const elements = [...children(node, "CRS"), ...children(node, "SRS")];
  return [...new Set(elements.flatMap(({ text }) => text.split(/\s+/)))].filter((code) => code !== "");
}

function exBounds(node: XmlNode): LonLatBbox | null {
  const box = child(node, "EX_GeographicBoundingBox");
  const names = ["westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude"];
  return lonLatBounds(names.map((name) => finite(words(box, name))));
}

function latLonBounds(node: XmlNode): LonLatBbox | null {
  const attributes = child(node, "LatLonBoundingBox")?.attributes ?? {};
  return lonLatBounds(["minx", "miny", "maxx", "maxy"].map((name) => finite(attributes[name])));
}

/** <Dimension> holds the values in 1.3.0; in 1.1.x it only declares, and <Extent> of the same name holds them (C.2 of both). */
function wmsDimensions(node: XmlNode): ServiceDimension[] {
  const extents = new Map(children(node, "Extent").map((extent) => [nameOf(extent), extent]));
  return children(node, "Dimension").map((dimension) => {
    const holder = extents.get(nameOf(dimension)) ?? dimension;
    return {
      name: oneLine(dimension.attributes["name"] ?? ""),
      units: oneLine(dimension.attributes["units"] ?? ""),
      default: oneLine(holder.attributes["default"] ?? ""),
      values: splitValues(holder.text),
      nearest: isTrue(holder.attributes["nearestValue"]),
    };
  });
}

const nameOf = (node: XmlNode): string => (node.attributes["name"] ?? "").toLowerCase();

/** Values of one dimension that are read. */
const MAX_VALUES = 200_000;

function splitValues(text: string): string[] {
  const values = text.split(",", MAX_VALUES).map((value) => value.trim());
  return values.filter((value) => value !== "");
}

/** ScaleHint is the diagonal of a pixel in metres: over the square root of two, in pixels of 0.28 mm (OGC 01-068r3, 7.1.4.5.16). */
function hintScale(node: XmlNode, name: "min" | "max"): number | null {
  const diagonal = finite(child(node, "ScaleHint")?.attributes[name]);
  return diagonal === null || diagonal <= 0 ? null : diagonal / Math.SQRT2 / 0.000_28;
}
