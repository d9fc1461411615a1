import { BlockBuilder, type Member } from "../../src/osm/block_builder.ts";
import type { OsmBlock } from "../../src/osm/osm_block.ts";

type Tags = Readonly<Record<string, string>>;

export interface WorldNode {
  readonly id: number;
  readonly lon: number;
  readonly lat: number;
  readonly tags: Tags;
}

export interface WorldWay {
  readonly id: number;
  readonly nodes: readonly number[];
  readonly tags: Tags;
}

export interface WorldRelation {
  readonly id: number;
  readonly members: readonly Member[];
  readonly tags: Tags;
}

/** A small OpenStreetMap, each kind in the order of its ids. */
export interface OsmWorld {
  readonly nodes: ReadonlyMap<number, WorldNode>;
  readonly ways: ReadonlyMap<number, WorldWay>;
  readonly relations: ReadonlyMap<number, WorldRelation>;
}

/** Puts objects into a world; ids count up from 1 for each kind. */
export class WorldBuilder implements OsmWorld {
  readonly nodes = new Map<number, WorldNode>();
  readonly ways = new Map<number, WorldWay>();
  readonly relations = new Map<number, WorldRelation>();

  node(lon: number, lat: number, tags: Tags = {}): number {
    const id = this.nodes.size + 1;
    const round = (value: number): number => Math.round(value * 1e7) / 1e7;
    this.nodes.set(id, { id, lon: round(lon), lat: round(lat), tags });
    return id;
  }

  way(nodes: readonly number[], tags: Tags = {}): number {
    const id = this.ways.size + 1;
    this.ways.set(id, { id, nodes, tags });
    return id;
  }

  relation(members: readonly Member[], tags: Tags): number {
    const id = this.relations.size + 1;
    this.relations.set(id, { id, members, tags });
    return id;
  }

  /** Corners of a square, counterclockwise from the southwest. */
  corners(west: number, south: number, size: number): [number, number, number, number] {
    const [east, north] = [west + size, south + size];
    return [this.node(west, south), this.node(east, south), this.node(east, north), this.node(west, north)];
  }

  square(west: number, south: number, size: number, tags: Tags = {}): number {
    const [a, b, c, d] = this.corners(west, south, size);
    return this.way([a, b, c, d, a], tags);
  }
}

/** As blocks of so many objects, for `encodeOsmPbf`. */
export function worldBlocks(world: OsmWorld, objectsPerBlock = Infinity): OsmBlock[] {
  const blocks: OsmBlock[] = [];
  let builder = new BlockBuilder();
  const next = (): void => {
    if (builder.count < objectsPerBlock) return;
    blocks.push(builder.finish());
    builder = new BlockBuilder();
  };
  for (const { id, lon, lat, tags } of world.nodes.values()) {
    builder.addNode(id, lon, lat, Object.entries(tags));
    next();
  }
  for (const { id, nodes, tags } of world.ways.values()) {
    builder.addWay(id, nodes, Object.entries(tags));
    next();
  }
  for (const { id, members, tags } of world.relations.values()) {
    builder.addRelation(id, members, Object.entries(tags));
    next();
  }
  return [...blocks, builder.finish()];
}

export function worldBlock(world: OsmWorld): OsmBlock {
  return worldBlocks(world)[0] as OsmBlock;
}

/** As Overpass JSON. */
export function worldJson(world: OsmWorld): string {
  const elements = [
    ...[...world.nodes.values()].map((node) => ({ type: "node", ...node })),
    ...[...world.ways.values()].map((way) => ({ type: "way", ...way })),
    ...[...world.relations.values()].map((relation) => ({
      type: "relation",
      ...relation,
      members: relation.members.map(({ type, id, role }) => ({ type, ref: id, role })),
    })),
  ];
  return overpassJson(elements);
}

/** The document around elements, as the service prints it. */
export function overpassJson(elements: readonly object[], more: Tags = {}): string {
  const osm3s = { timestamp_osm_base: "2026-01-01T00:00:00Z", copyright: "ODbL" };
  return `${JSON.stringify({ version: 0.6, generator: "Overpass API", osm3s, elements, ...more }, null, 1)}\n`;
}

/** As `.osm` XML. */
export function worldXml(world: OsmWorld): string {
  const tagsOf = (tags: Tags): string =>
    Object.entries(tags)
      .map(([k, v]) => `<tag k="${escapeXml(k)}" v="${escapeXml(v)}"/>`)
      .join("");
  const nodes = [...world.nodes.values()].map(
    ({ id, lon, lat, tags }) => `<node id="${id}" lat="${lat}" lon="${lon}">${tagsOf(tags)}</node>`,
  );
  const ways = [...world.ways.values()].map(
    ({ id, nodes: refs, tags }) =>
      `<way id="${id}">${refs.map((ref) => `<nd ref="${ref}"/>`).join("")}${tagsOf(tags)}</way>`,
  );
  const relations = [...world.relations.values()].map(({ id, members, tags }) => {
    const each = members.map(({ type, id: ref, role }) => `<member type="${type}" ref="${ref}" role="${role}"/>`);
    return `<relation id="${id}">${each.join("")}${tagsOf(tags)}</relation>`;
  });
  const head = `<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="tilth-test">\n`;
  return `${head}${[...nodes, ...ways, ...relations].join("\n")}\n</osm>\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
