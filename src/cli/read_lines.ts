import { readFile } from "node:fs/promises";
import { messageOf, TilthError } from "../core/index.ts";

type Line = readonly (readonly [x: number, y: number])[];

/** Depth of nested collections. */
const MAX_DEPTH = 8;

/** Every line of a GeoJSON file (LineString, MultiLineString, also within features and collections), lon/lat. @throws `argument.invalid` */
export async function readLines(path: string): Promise<Line[]> {
  const lines: Line[] = [];
  try {
    collect(JSON.parse((await readFile(path, "utf8")).replace(/^\uFEFF/, "")), lines, 0);
  } catch (cause) {
    throw new TilthError("argument.invalid", `expected GeoJSON lines in ${path}: ${messageOf(cause)}`, { cause });
  }
  if (lines.length > 0) return lines;
  throw new TilthError("argument.invalid", `expected a LineString or MultiLineString in ${path}, got none`);
}

interface GeoJsonObject {
  readonly type?: unknown;
  readonly coordinates?: unknown;
  readonly geometry?: unknown;
  readonly features?: unknown;
  readonly geometries?: unknown;
}

/** Whatever is no line is passed over: a file of a track has points as well. */
function collect(value: unknown, into: Line[], depth: number): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  const object = value as GeoJsonObject;
  if (object.type === "LineString") into.push(lineOf(object.coordinates));
  if (object.type === "MultiLineString") for (const line of listOf(object.coordinates)) into.push(lineOf(line));
  if (object.type === "Feature") collect(object.geometry, into, depth + 1);
  const members = object.type === "FeatureCollection" ? object.features : object.geometries;
  if (Array.isArray(members)) for (const member of members as unknown[]) collect(member, into, depth + 1);
}

function lineOf(value: unknown): Line {
  return listOf(value).map((position) => {
    const [x, y] = listOf(position);
    if (typeof x === "number" && typeof y === "number") return [x, y];
    throw new TilthError("argument.invalid", "a position is not [lon, lat]");
  });
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TilthError("argument.invalid", "coordinates are not a list");
}
