import type { OsmType } from "../../src/osm/osm_block.ts";
import { overpassJson, type OsmWorld, type WorldNode, type WorldRelation, type WorldWay } from "./osm_world.ts";

type Box = readonly [south: number, west: number, north: number, east: number];
type WorldObject = WorldNode | WorldWay | WorldRelation;

interface Statement {
  readonly type: OsmType;
  readonly conditions: readonly ((tags: Readonly<Record<string, string>>) => boolean)[];
  readonly box: Box;
}

const SETTINGS = /^\[out:json\]\[timeout:(\d+)\]\[maxsize:(\d+)\];/;
const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const CONDITION = new RegExp(String.raw`^(?:\[${QUOTED}(?:(=|~)${QUOTED})?\]|\(if:count_tags\(\)>(\d+)\))`);
const BOX = /^\((-?[\d.]+),(-?[\d.]+),(-?[\d.]+),(-?[\d.]+)\);/;
const COUNT = "out count;";
const DATA = "out body;>;out skel qt;";

/** The two kinds of query that Tilth asks; null for any other, as a syntax error. */
export function answerQuery(world: OsmWorld, query: string): string | null {
  const settings = SETTINGS.exec(query);
  const union = /^\((.*)\);(out .*)$/s.exec(query.slice(settings?.[0].length ?? 0));
  if (settings === null || union === null) return null;
  const statements = parseUnion(union[1] as string);
  if (statements === null) return null;
  const found = select(world, statements);
  if (union[2] === COUNT) return countOf(found);
  return union[2] === DATA ? dataOf(world, found) : null;
}

function parseUnion(text: string): Statement[] | null {
  const statements: Statement[] = [];
  for (let rest = text; rest !== "";) {
    const type = /^(node|way|relation)/.exec(rest)?.[1] as OsmType | undefined;
    if (type === undefined) return null;
    rest = rest.slice(type.length);
    const conditions: Statement["conditions"][number][] = [];
    for (let match = CONDITION.exec(rest); match !== null; match = CONDITION.exec(rest)) {
      conditions.push(conditionOf(match));
      rest = rest.slice(match[0].length);
    }
    const box = BOX.exec(rest);
    if (box === null) return null;
    statements.push({ type, conditions, box: box.slice(1, 5).map(Number) as unknown as Box });
    rest = rest.slice(box[0].length);
  }
  return statements;
}

function conditionOf([, key, sign, value, count]: RegExpExecArray): Statement["conditions"][number] {
  if (count !== undefined) return (tags) => Object.keys(tags).length > Number(count);
  const [name, wanted] = [key, value].map((text) => (text ?? "").replace(/\\(.)/g, "$1")) as [string, string];
  if (sign === "=") return (tags) => tags[name] === wanted;
  if (sign === "~") return (tags) => tags[name] !== undefined && new RegExp(wanted).test(tags[name]);
  return (tags) => tags[name] !== undefined;
}

interface Found {
  readonly node: Set<WorldNode>;
  readonly way: Set<WorldWay>;
  readonly relation: Set<WorldRelation>;
}

function select(world: OsmWorld, statements: readonly Statement[]): Found {
  const found: Found = { node: new Set(), way: new Set(), relation: new Set() };
  for (const { type, conditions, box } of statements)
    for (const object of world[`${type}s`].values()) {
      if (!conditions.every((fits) => fits(object.tags)) || !isIn(world, object, box)) continue;
      (found[type] as Set<WorldObject>).add(object);
    }
  return found;
}

function isIn(world: OsmWorld, object: WorldObject, box: Box): boolean {
  if ("lon" in object) return holds(box, object);
  if ("nodes" in object) {
    const line = object.nodes.map((id) => world.nodes.get(id) as WorldNode);
    return line.some((node, i) => holds(box, node) || (i > 0 && crosses(box, line[i - 1] as WorldNode, node)));
  }
  return object.members.some(({ type, id }) => {
    const member = type === "relation" ? undefined : world[`${type}s`].get(id);
    return member !== undefined && isIn(world, member, box);
  });
}

function holds([south, west, north, east]: Box, { lon, lat }: WorldNode): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

/** Cut in halves until an end is within, or the half lies beside the box. */
function crosses(box: Box, a: WorldNode, b: WorldNode, depth = 0): boolean {
  const [south, west, north, east] = box;
  if (Math.max(a.lon, b.lon) < west || Math.min(a.lon, b.lon) > east) return false;
  if (Math.max(a.lat, b.lat) < south || Math.min(a.lat, b.lat) > north) return false;
  const middle = { ...a, lon: (a.lon + b.lon) / 2, lat: (a.lat + b.lat) / 2 };
  if (holds(box, middle) || depth > 40) return holds(box, middle);
  return crosses(box, a, middle, depth + 1) || crosses(box, middle, b, depth + 1);
}

function countOf({ node, way, relation }: Found): string {
  const counts = { nodes: node.size, ways: way.size, relations: relation.size };
  const tags = { ...counts, total: node.size + way.size + relation.size };
  const texts = Object.fromEntries(Object.entries(tags).map(([key, count]) => [key, String(count)]));
  return overpassJson([{ type: "count", id: 0, tags: texts }]);
}

/** What was found with its tags, then what it is made of without them, an object that is both once more. */
function dataOf(world: OsmWorld, { node, way, relation }: Found): string {
  const members = [...relation].flatMap((each) => each.members);
  const ways = new Set(members.flatMap(({ type, id }) => (type === "way" ? (world.ways.get(id) ?? []) : [])));
  const ids = [...way, ...ways].flatMap(({ nodes }) => nodes);
  const memberNodes = members.flatMap(({ type, id }) => (type === "node" ? id : []));
  const nodes = [...new Set([...ids, ...memberNodes])].map((id) => world.nodes.get(id) as WorldNode);
  const body = [...node].map((each) => ({ type: "node", ...each, tags: tagsOf(each) }));
  return overpassJson([
    ...body,
    ...[...way].map((each) => ({ type: "way", ...each, tags: tagsOf(each) })),
    ...[...relation].map((each) => ({
      type: "relation",
      ...each,
      members: each.members.map(({ type, id, role }) => ({ type, ref: id, role })),
    })),
    ...nodes.map(({ id, lon, lat }) => ({ type: "node", id, lat, lon })),
    ...[...ways].map(({ id, nodes: refs }) => ({ type: "way", id, nodes: refs })),
  ]);
}

/** Left out where there are none, as the service does. */
function tagsOf({ tags }: WorldObject): Readonly<Record<string, string>> | undefined {
  return Object.keys(tags).length === 0 ? undefined : tags;
}
