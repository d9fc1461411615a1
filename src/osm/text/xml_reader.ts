import { SaxesParser } from "saxes";
import { isTilthError, messageOf, TilthError } from "../../core/index.ts";
import { BlockBuilder, type Member, type Place } from "../block_builder.ts";
import { BlockColumns } from "../block_columns.ts";
import { MEMBER_TYPES, type OsmBlock, type OsmType } from "../osm_block.ts";
import {
  MAX_OBJECT_BYTES,
  OBJECTS_PER_BLOCK,
  isFull,
  timeOf,
  type DocumentFacts,
  type TextReader,
  type TextReaderOptions,
} from "./text_reader.ts";
import { hasDeclaration, xmlDecoder, type XmlDecoder } from "./xml_encoding.ts";

type Attributes = Readonly<Record<string, string>>;

interface OpenObject {
  readonly type: OsmType;
  readonly id: number;
  /** 0 where none is said. */
  readonly version: number;
  /** Null where it says none (`out tags` of Overpass). */
  readonly place: Place | null;
  readonly isVisible: boolean;
  readonly tags: [string, string][];
  readonly refs: number[];
  /** Of the refs (`out geom` of Overpass, osmium with places); null where none is said. */
  readonly places: (Place | null)[];
  readonly members: XmlMember[];
}

interface XmlMember extends Member {
  /** Of a way, where they stand with its relation. */
  places: (Place | null)[] | null;
}

/** Of a text that is parsed at once: the engine keeps larger ones outside of its young generation, where they lie until much else does. */
const CHUNK_BYTES = 32_768;

const BORDER = "tilth-border";

/** Elements within elements: osm, relation, member, nd. */
const MAX_DEPTH = 8;

/**
 * `.osm` (wiki.openstreetmap.org/wiki/OSM_XML) of the API, of Overpass and of editors: what these are about to delete is left out. Of versions of an object that follow
 * each other (`.osh`) the newest counts.
 */
export class XmlReader implements TextReader {
  readonly #parser = new SaxesParser({ xmlns: false });
  #decoder: XmlDecoder | null = null;
  /** Bytes that are too few to tell their encoding. */
  #start: Uint8Array = new Uint8Array();
  readonly #columns: BlockColumns;
  readonly #objectsPerBlock: number;
  #builder: BlockBuilder;
  #full: OsmBlock[] = [];
  #open: OpenObject | null = null;
  /** Whole, but the next one may be a newer version of it. */
  #held: OpenObject | null = null;
  #depth = 0;
  #hasRoot = false;
  #isAtBorder = false;
  #bytesSinceObject = 0;
  #remark: string | null = null;
  #dataTimeMs: number | null = null;
  #text: string | null = null;

  constructor({ objectsPerBlock = OBJECTS_PER_BLOCK, columns = new BlockColumns() }: TextReaderOptions = {}) {
    this.#columns = columns;
    this.#objectsPerBlock = objectsPerBlock;
    this.#builder = new BlockBuilder(columns);
    this.#parser.on("opentag", ({ name, attributes }) => this.#begin(name, attributes as Attributes));
    this.#parser.on("closetag", ({ name }) => this.#finish(name));
    this.#parser.on("text", (text) => {
      if (this.#text !== null) this.#text = (this.#text + text).slice(0, 2000);
    });
    this.#parser.on("doctype", () => fail("a document type"));
    this.#parser.on("error", (error) => {
      throw error;
    });
  }

  feed(bytes: Uint8Array): OsmBlock[] {
    this.#bytesSinceObject += bytes.byteLength;
    if (this.#bytesSinceObject > MAX_OBJECT_BYTES)
      throw new TilthError(
        "osm.tooLarge",
        `expected objects of less than ${MAX_OBJECT_BYTES} bytes in the XML, got a larger one`,
      );
    this.#decode(this.#decoder === null ? Buffer.concat([this.#start, bytes]) : bytes);
    const blocks = this.#full;
    this.#full = [];
    return blocks;
  }

  end(): { blocks: OsmBlock[]; facts: DocumentFacts } {
    this.#decoder ??= xmlDecoder(this.#start);
    this.#decode(this.#start);
    this.#write(this.#decoder.decode());
    if (!this.#hasRoot || this.#depth > 0)
      throw new TilthError(
        "osm.truncated",
        "expected the XML to end with </osm>, but it was cut short; fetch the file again",
      );
    this.#hold(null);
    const blocks = [...this.#full, ...(this.#builder.count > 0 ? [this.#builder.finish()] : [])];
    return { blocks, facts: { dataTimeMs: this.#dataTimeMs, remark: this.#remark } };
  }

  cut(): OsmBlock {
    // An element of our own is seen only where one may begin: in a comment or a text it is not.
    this.#isAtBorder = false;
    this.#write(`<${BORDER}/>`);
    if (!this.#isAtBorder) fail("a piece that does not end between two elements");
    this.#hold(null);
    return this.#builder.finish();
  }

  #decode(bytes: Uint8Array): void {
    if (this.#decoder === null && !hasDeclaration(bytes)) {
      this.#start = bytes;
      return;
    }
    this.#start = new Uint8Array();
    this.#decoder ??= xmlDecoder(bytes);
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES)
      this.#write(this.#decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: true }));
  }

  #write(text: string): void {
    try {
      this.#parser.write(text);
    } catch (cause) {
      if (isTilthError(cause)) throw cause;
      throw new TilthError(
        "osm.invalid",
        `expected OpenStreetMap XML, got something else: ${messageOf(cause).slice(0, 200)}`,
        { cause },
      );
    }
  }

  #begin(name: string, attributes: Attributes): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) fail("elements in elements without end");
    if (!this.#hasRoot && name !== "osm") fail(`<${name.slice(0, 40)}> as its first element`);
    this.#hasRoot = true;
    if (name === BORDER) this.#isAtBorder = this.#depth === 2;
    if (name === "node" || name === "way" || name === "relation") {
      if (this.#open !== null) fail(`<${name}> within <${this.#open.type}>`);
      this.#open = openObject(name, attributes);
    } else if (this.#open !== null) addPart(this.#open, name, attributes);
    else if (name === "remark") this.#text = "";
    else if (name === "meta") this.#dataTimeMs = timeOf(attributes["osm_base"]);
  }

  #finish(name: string): void {
    this.#depth -= 1;
    if (name === "remark") [this.#remark, this.#text] = [this.#text, null];
    if (this.#open === null || name !== this.#open.type) return;
    this.#hold(this.#open);
    this.#open = null;
    this.#bytesSinceObject = 0;
  }

  /** @param next null: nothing follows */
  #hold(next: OpenObject | null): void {
    const held = this.#held;
    this.#held = next;
    if (held === null) return;
    if (held.type === next?.type && held.id === next.id) {
      if (held.version > next.version) this.#held = held;
      return;
    }
    if (held.isVisible) addObject(this.#builder, held);
    if (!isFull(this.#builder, this.#objectsPerBlock)) return;
    this.#full.push(this.#builder.finish());
    this.#builder = new BlockBuilder(this.#columns);
  }
}

function openObject(type: OsmType, attributes: Attributes): OpenObject {
  const isVisible = attributes["visible"] !== "false" && attributes["action"] !== "delete";
  const isPlaced = type === "node" && isVisible && isSaid(attributes);
  return {
    type,
    id: numberOf(attributes["id"], "id", type),
    version: Number.parseInt(attributes["version"] ?? "", 10) || 0,
    place: isPlaced ? placeOf(attributes, "node") : null,
    isVisible,
    tags: [],
    refs: [],
    places: [],
    members: [],
  };
}

function addPart(object: OpenObject, name: string, attributes: Attributes): void {
  if (name === "tag") object.tags.push([own(attributes["k"]), own(attributes["v"])]);
  else if (name === "nd") addCorner(object, attributes);
  else if (name === "member" && object.type === "relation") {
    const type =
      MEMBER_TYPES.find((each) => each === attributes["type"]) ??
      fail(`a member of type '${(attributes["type"] ?? "").slice(0, 40)}'`);
    object.members.push({
      type,
      id: numberOf(attributes["ref"], "ref", "member"),
      role: own(attributes["role"]),
      places: null,
    });
  }
}

/** Of a way, or of the member that came last. */
function addCorner({ type, refs, places, members }: OpenObject, attributes: Attributes): void {
  if (type === "way") refs.push(numberOf(attributes["ref"], "ref", "nd"));
  const place = isSaid(attributes) ? placeOf(attributes, "nd") : null;
  const member = members.at(-1);
  if (type === "way") places.push(place);
  else if (member !== undefined) (member.places ??= []).push(place);
}

/** Shorter ones are always copies in V8. */
const LEAST_VIEW_CHARS = 13;

/** A copy: what the parser gives is a view that keeps 32 kB of the document alive, 140 MB of a block. */
function own(text = ""): string {
  return text.length < LEAST_VIEW_CHARS ? text : Buffer.from(text, "utf16le").toString("utf16le");
}

function addObject(builder: BlockBuilder, { type, id, place, tags, refs, places, members }: OpenObject): void {
  if (type === "node" && place !== null) builder.addNode(id, ...place, tags);
  else if (type === "node") builder.addPlacelessNode(id, tags);
  else if (type === "way" && isAnyKnown(places)) builder.addPlacedWay(id, refs, places, tags);
  else if (type === "way") builder.addWay(id, refs, tags);
  else {
    for (const member of members)
      if (member.type === "way" && member.places !== null && isAnyKnown(member.places))
        builder.addPlacedWay(member.id, null, member.places, []);
    builder.addRelation(id, members, tags);
  }
}

function isAnyKnown(places: readonly (Place | null)[]): boolean {
  return places.some((place) => place !== null);
}

function isSaid({ lon, lat }: Attributes): boolean {
  return lon !== undefined || lat !== undefined;
}

function placeOf(attributes: Attributes, element: "node" | "nd"): Place {
  const [lon, lat] = [numberOf(attributes["lon"], "lon", element), numberOf(attributes["lat"], "lat", element)];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) fail(`a place outside of the world in <${element}>`);
  return [lon, lat];
}

const NOT_DECIMAL = /[^-+.\deE\s]/;

function numberOf(text: string | undefined, attribute: string, element: string): number {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  // Not 0x10 and the like.
  const isDecimal = text !== undefined && !NOT_DECIMAL.test(text);
  const isFine = attribute === "lon" || attribute === "lat" ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (isFine && isDecimal) return value;
  return fail(
    text === undefined ? `<${element}> without ${attribute}` : `<${element}> with ${attribute}="${text.slice(0, 40)}"`,
  );
}

function fail(got: string): never {
  throw new TilthError("osm.invalid", `expected OpenStreetMap XML, got ${got}`);
}
