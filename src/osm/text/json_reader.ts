import { TilthError } from "../../core/index.ts";
import { BlockBuilder, type Member, type Place } from "../block_builder.ts";
import { BlockColumns } from "../block_columns.ts";
import { MEMBER_TYPES, type OsmBlock } from "../osm_block.ts";
import { JsonElements, type ElementTaker } from "./json_elements.ts";
import { PlainElements } from "./plain_elements.ts";
import {
  OBJECTS_PER_BLOCK,
  isFull,
  timeOf,
  type DocumentFacts,
  type TextReader,
  type TextReaderOptions,
} from "./text_reader.ts";

interface JsonPlace {
  readonly lon: number;
  readonly lat: number;
}

interface JsonElement {
  readonly type: string;
  readonly id: number;
  readonly lon?: number;
  readonly lat?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly nodes?: readonly number[];
  readonly geometry?: readonly (JsonPlace | null)[];
  readonly members?: readonly JsonMember[];
}

interface JsonMember {
  readonly type: string;
  readonly ref: number;
  readonly role?: string;
  readonly geometry?: readonly (JsonPlace | null)[];
}

/** Overpass JSON (wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL, `out:json`), also with geometry in ways and members (`out geom`). */
export class JsonReader implements TextReader, ElementTaker {
  readonly #elements = new JsonElements(this);
  readonly #plain = new PlainElements();
  readonly #columns: BlockColumns;
  #builder: BlockBuilder;
  readonly #objectsPerBlock: number;
  #full: OsmBlock[] = [];

  constructor({ objectsPerBlock = OBJECTS_PER_BLOCK, columns }: TextReaderOptions = {}) {
    this.#objectsPerBlock = objectsPerBlock;
    this.#columns = columns ?? new BlockColumns();
    this.#builder = new BlockBuilder(this.#columns);
  }

  feed(bytes: Uint8Array): OsmBlock[] {
    this.#elements.feed(bytes);
    const blocks = this.#full;
    this.#full = [];
    return blocks;
  }

  end(): { blocks: OsmBlock[]; facts: DocumentFacts } {
    const frame = this.#elements.end();
    // Elements that are still in the frame stood under a key with escapes, or came a second time.
    const { elements } = frame;
    if (!Array.isArray(elements) || elements.length > 0) fail("a document without one list of elements");
    const osm3s = frame["osm3s"] as { timestamp_osm_base?: unknown } | undefined;
    const remark = typeof frame["remark"] === "string" ? frame["remark"].slice(0, 2000) : null;
    const blocks = [...this.#full, ...(this.#builder.count > 0 ? [this.#builder.finish()] : [])];
    return { blocks, facts: { dataTimeMs: timeOf(osm3s?.timestamp_osm_base), remark } };
  }

  cut(): OsmBlock {
    if (!this.#elements.isAtBorder) fail("a piece that does not end between two elements");
    return this.#builder.finish();
  }

  takePlain(bytes: Buffer, from: number): number {
    const end = this.#plain.read(bytes, from, this.#builder, this.#objectsPerBlock - this.#builder.count);
    if (end !== -1) this.#endBlock();
    return end;
  }

  take(bytes: Buffer): void {
    const element = parse(bytes.toString("utf8"));
    const { type } = element;
    // Others (count, area, timeline) are no objects of the map.
    if (type === "node") this.#addNode(element);
    else if (type === "way") this.#addWay(element);
    else if (type === "relation") this.#addRelation(element);
    this.#endBlock();
  }

  #endBlock(): void {
    if (!isFull(this.#builder, this.#objectsPerBlock)) return;
    this.#full.push(this.#builder.finish());
    this.#builder = new BlockBuilder(this.#columns);
  }

  #addNode({ id, lon, lat, tags }: JsonElement): void {
    if (lon !== undefined && lat !== undefined) this.#builder.addNode(idOf(id), ...checked({ lon, lat }), tagsOf(tags));
    // `out ids`, `out tags`.
    else this.#builder.addPlacelessNode(idOf(id), tagsOf(tags));
  }

  #addWay({ id, nodes, geometry, tags }: JsonElement): void {
    const refs = nodes === undefined ? null : list(nodes).map(idOf);
    if (geometry !== undefined) this.#builder.addPlacedWay(idOf(id), refs, placesOf(geometry), tagsOf(tags));
    else this.#builder.addWay(idOf(id), refs ?? [], tagsOf(tags));
  }

  #addRelation({ id, members = [], tags }: JsonElement): void {
    const all = list(members).map((member) => this.#memberOf(member));
    this.#builder.addRelation(idOf(id), all, tagsOf(tags));
  }

  #memberOf(member: JsonMember): Member {
    if (typeof member !== "object" || member === null) fail(`a member ${shown(member)}`);
    const { type, ref, role = "", geometry } = member;
    const known = MEMBER_TYPES.find((each) => each === type) ?? fail(`a member of type ${shown(type)}`);
    const id = idOf(ref);
    if (known === "way" && geometry !== undefined) this.#builder.addPlacedWay(id, null, placesOf(geometry), []);
    return { type: known, id, role: textOf(role) };
  }
}

function parse(text: string): JsonElement {
  try {
    return JSON.parse(text) as JsonElement;
  } catch (cause) {
    throw new TilthError("osm.invalid", "expected Overpass JSON, got elements that are no JSON", { cause });
  }
}

function tagsOf(tags: JsonElement["tags"]): [string, string][] {
  if (typeof tags !== "object" || tags === null) return [];
  return Object.entries(tags).map(([key, value]) => [key, textOf(value)]);
}

function list<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value)
    ? (value as readonly Item[])
    : fail("something else than a list of nodes, places or members");
}

function idOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : fail(`an id ${shown(value)}`);
}

/** Numbers are not texts in Overpass JSON, but in what others write. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : fail(`a text ${shown(value)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 40) ?? "that is missing";
}

function placesOf(geometry: readonly (JsonPlace | null)[]): (Place | null)[] {
  return list(geometry).map((place) => (place === null ? null : checked(place)));
}

function checked(place: JsonPlace): [number, number] {
  const { lon, lat } = typeof place === "object" ? place : fail(`a place ${shown(place)}`);
  if (typeof lon === "number" && typeof lat === "number" && Math.abs(lon) <= 180 && Math.abs(lat) <= 90)
    return [lon, lat];
  return fail("a place outside of the world");
}

function fail(got: string): never {
  throw new TilthError("osm.invalid", `expected Overpass JSON, got ${got}`);
}
