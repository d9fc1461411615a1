import { BlockBuilder, type Place } from "../../src/osm/block_builder.ts";
import type { OsmBlock } from "../../src/osm/osm_block.ts";
import { worldJson, worldXml, type OsmWorld } from "./osm_world.ts";

/** A world whose ways have their places with them, as osmium (`add-locations-to-ways`) and Overpass (`out geom`) write it: of nodes only those with tags. */
export class PlacedWorld {
  readonly #world: OsmWorld;
  readonly #tagged: OsmWorld;

  constructor(world: OsmWorld) {
    this.#world = world;
    const tagged = [...world.nodes].filter(([, { tags }]) => Object.keys(tags).length > 0);
    this.#tagged = { ...world, nodes: new Map(tagged) };
  }

  get taggedNodes(): number {
    return this.#tagged.nodes.size;
  }

  block(): OsmBlock {
    const builder = new BlockBuilder();
    for (const { id, lon, lat, tags } of this.#tagged.nodes.values())
      builder.addNode(id, lon, lat, Object.entries(tags));
    for (const { id, nodes, tags } of this.#world.ways.values())
      builder.addPlacedWay(
        id,
        nodes,
        nodes.map((ref) => this.#placeOf(ref)),
        Object.entries(tags),
      );
    for (const { id, members, tags } of this.#world.relations.values())
      builder.addRelation(id, members, Object.entries(tags));
    return builder.finish();
  }

  xml(): string {
    return worldXml(this.#tagged).replaceAll(/<nd ref="(\d+)"\/>/g, (_all, ref: string) => {
      const [lon, lat] = this.#placeOf(Number(ref));
      return `<nd ref="${ref}" lat="${lat}" lon="${lon}"/>`;
    });
  }

  json(): string {
    const document = JSON.parse(worldJson(this.#tagged)) as { elements: { type: string; nodes?: number[] }[] };
    const elements = document.elements.map((element) => {
      if (element.nodes === undefined) return element;
      const places = element.nodes.map((ref) => this.#placeOf(ref));
      return { ...element, geometry: places.map(([lon, lat]) => ({ lat, lon })) };
    });
    return JSON.stringify({ ...document, elements }, null, 1);
  }

  #placeOf(ref: number): Place {
    const node = this.#world.nodes.get(ref);
    if (node === undefined) throw new Error(`there is no node ${ref} in the world`);
    return [node.lon, node.lat];
  }
}
