import type { WktNode } from "./wkt_tree.ts";
import { invalidText, MAX_DEPTH } from "./text_limits.ts";

type Json = Readonly<Record<string, unknown>>;

/** PROJJSON (schema 0.2 to 0.7) as the tree of well-known text 2 that says the same. @throws `crs.invalid` */
export function projJsonToTree(text: string): WktNode {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidText("PROJJSON", text);
  }
  return systemNode(record(value), 0);
}

const KEYWORDS: Readonly<Record<string, string>> = {
  ProjectedCRS: "PROJCRS",
  GeographicCRS: "GEOGCRS",
  GeodeticCRS: "GEODCRS",
  BoundCRS: "BOUNDCRS",
  CompoundCRS: "COMPOUNDCRS",
};

function systemNode(json: Json, depth: number): WktNode {
  if (depth > MAX_DEPTH) throw invalidText(`at most ${MAX_DEPTH} levels`, name(json));
  const type = plain(json["type"]) || "GeographicCRS";
  const keyword = Object.hasOwn(KEYWORDS, type) ? (KEYWORDS[type] as string) : type.toUpperCase();
  const nested = [json["base_crs"], ...list(json["components"])].filter((part) => part !== undefined);
  const nodes = nested.map((part) => systemNode(record(part), depth + 1));
  if (json["source_crs"] !== undefined)
    nodes.push(node("SOURCECRS", [], [systemNode(record(json["source_crs"]), depth + 1)]));
  return node(keyword, [name(json)], [...nodes, ...ownNodes(json)]);
}

function ownNodes(json: Json): WktNode[] {
  const nodes: WktNode[] = [];
  const datum = json["datum"] ?? json["datum_ensemble"];
  if (datum !== undefined) nodes.push(...datumNodes(record(datum)));
  if (json["conversion"] !== undefined) nodes.push(operation("CONVERSION", record(json["conversion"])));
  if (json["transformation"] !== undefined)
    nodes.push(operation("ABRIDGEDTRANSFORMATION", record(json["transformation"])));
  for (const axis of list(record(json["coordinate_system"] ?? {})["axis"])) nodes.push(axisNode(record(axis)));
  return [...nodes, ...idNodes(json)];
}

function datumNodes(datum: Json): WktNode[] {
  const ellipsoid = record(datum["ellipsoid"] ?? {});
  const a = measure(ellipsoid["semi_major_axis"] ?? ellipsoid["radius"]);
  const b = ellipsoid["semi_minor_axis"] === undefined ? null : measure(ellipsoid["semi_minor_axis"]);
  const rf = b === null ? Number(ellipsoid["inverse_flattening"] ?? 0) : a === b ? 0 : a / (a - b);
  const nodes = [node("DATUM", [name(datum)], [node("ELLIPSOID", [name(ellipsoid), String(a), String(rf)], [])])];
  if (datum["prime_meridian"] === undefined) return nodes;
  const meridian = record(datum["prime_meridian"]);
  const longitude = meridian["longitude"];
  const [value, unit] = isRecord(longitude) ? [longitude["value"], longitude["unit"]] : [longitude, "degree"];
  return [...nodes, node("PRIMEM", [name(meridian), plain(value)], unitNodes(unit))];
}

const measure = (value: unknown): number =>
  isRecord(value) ? Number(value["value"]) * unitSize(value["unit"]) : Number(value);

function operation(keyword: string, json: Json): WktNode {
  const method = record(json["method"] ?? {});
  const parameters = list(json["parameters"]).map((part) => {
    const parameter = record(part);
    const unit = keyword === "CONVERSION" ? unitNodes(parameter["unit"]) : [];
    return node("PARAMETER", [name(parameter), plain(parameter["value"])], unit);
  });
  return node(keyword, [name(json)], [node("METHOD", [name(method)], []), ...parameters]);
}

function axisNode(axis: Json): WktNode {
  return node("AXIS", [name(axis), plain(axis["direction"])], unitNodes(axis["unit"]));
}

const UNIT_SIZES: Readonly<Record<string, [keyword: string, size: number]>> = {
  metre: ["LENGTHUNIT", 1],
  degree: ["ANGLEUNIT", Math.PI / 180],
  unity: ["SCALEUNIT", 1],
};

function unitNodes(unit: unknown): WktNode[] {
  if (unit === undefined) return [];
  if (isRecord(unit)) {
    const type = plain(unit["type"]) || "LinearUnit";
    const keyword = type === "AngularUnit" ? "ANGLEUNIT" : type === "ScaleUnit" ? "SCALEUNIT" : "LENGTHUNIT";
    return [node(keyword, [name(unit), plain(unit["conversion_factor"])], [])];
  }
  const known = Object.hasOwn(UNIT_SIZES, plain(unit)) ? UNIT_SIZES[plain(unit)] : undefined;
  if (known === undefined) throw invalidText("a unit of PROJJSON", plain(unit));
  return [node(known[0], [plain(unit), String(known[1])], [])];
}

const unitSize = (unit: unknown): number => Number(unitNodes(unit)[0]?.values[1] ?? 1);

function idNodes(json: Json): WktNode[] {
  if (!isRecord(json["id"])) return [];
  return [node("ID", [plain(json["id"]["authority"]), plain(json["id"]["code"])], [])];
}

const node = (keyword: string, values: readonly string[], nodes: readonly WktNode[]): WktNode => ({
  keyword,
  values,
  nodes,
});
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const plain = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "");
const name = (json: Json): string => plain(json["name"]);

function record(value: unknown): Json {
  if (isRecord(value)) return value;
  throw invalidText("an object of PROJJSON", plain(value));
}
