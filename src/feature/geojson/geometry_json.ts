import type { GeometryColumns } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { positionsOf, ringsOf, type Range } from "../geometry_range.ts";
import type { JsonWriter } from "./json_writer.ts";

/** What every feature's text begins with. */
export const FEATURE_HEAD = '{"type":"Feature"';

const TYPES = {
  point: "Point",
  line: "LineString",
  multiLine: "MultiLineString",
  multiPolygon: "MultiPolygon",
} as const;

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** What the text of a geometry begins with, up to its coordinates. */
export function geometryHead(kind: FeatureLayer["geometry"]): string {
  return `{"type":"${TYPES[kind]}","coordinates":`;
}

/** A geometry of RFC 7946, of the layer's kind. */
export function writeGeometry(
  writer: JsonWriter,
  geometry: GeometryColumns,
  kind: FeatureLayer["geometry"],
  parts: Range,
): void {
  writer.text(geometryHead(kind));
  const [ring] = ringsOf(geometry, parts[0]);
  if (kind === "point") writePosition(writer, geometry.coordinates, positionsOf(geometry, ring)[0]);
  else if (kind === "line") writeRing(writer, geometry, ring);
  else if (kind === "multiLine") writeList(writer, parts, (i) => writeRing(writer, geometry, ringsOf(geometry, i)[0]));
  else writeList(writer, parts, (i) => writePolygon(writer, geometry, ringsOf(geometry, i)));
  writer.text("}");
}

function writePolygon(writer: JsonWriter, geometry: GeometryColumns, rings: Range): void {
  writeList(writer, rings, (ring) => writeRing(writer, geometry, ring));
}

function writeRing(writer: JsonWriter, geometry: GeometryColumns, ring: number): void {
  const { coordinates } = geometry;
  const [from, to] = positionsOf(geometry, ring);
  writer.byte(OPEN);
  for (let position = from; position < to; position++) {
    if (position > from) writer.byte(COMMA);
    writePosition(writer, coordinates, position);
  }
  writer.byte(CLOSE);
}

function writePosition(writer: JsonWriter, coordinates: Float64Array, position: number): void {
  writer.byte(OPEN);
  writer.number(coordinates[2 * position] as number);
  writer.byte(COMMA);
  writer.number(coordinates[2 * position + 1] as number);
  writer.byte(CLOSE);
}

function writeList(writer: JsonWriter, [from, to]: Range, writeItem: (index: number) => void): void {
  writer.byte(OPEN);
  for (let i = from; i < to; i++) {
    if (i > from) writer.byte(COMMA);
    writeItem(i);
  }
  writer.byte(CLOSE);
}
