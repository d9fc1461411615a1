import { SaxesParser } from "saxes";
import { isTilthError, messageOf, TilthError } from "../../core/index.ts";
import { BlockBuilder, type Member } from "../block_builder.ts";
import { MEMBER_TYPES, type OsmBlock, type OsmType } from "../osm_block.ts";
import { MAX_OBJECT_BYTES, OBJECTS_PER_BLOCK, timeOf, type DocumentFacts, type TextReader } from "./text_reader.ts";

type Attributes = Readonly<Record<string, string>>;

interface OpenObject {
  readonly type: OsmType;
  readonly id: number;
  readonly lon: number;
  readonly lat: number;
  readonly isVisible: boolean;
  readonly tags: [string, string][];
  readonly refs: number[];
  readonly members: Member[];
}

/** Elements within elements: osm, relation, member, nd. */
const MAX_DEPTH = 8;

/** `.osm` (wiki.openstreetmap.org/wiki/OSM_XML) of the API, of Overpass and of editors: what these are about to delete is left out. */
export class XmlReader implements TextReader {
  readonly #parser = new SaxesParser({ xmlns: false });
  readonly #decoder = new TextDecoder("utf-8");
  #builder = new BlockBuilder();
  #full: OsmBlock[] = [];
  #open: OpenObject | null = null;
  #depth = 0;
  #hasRoot = false;
  #bytesSinceObject = 0;
  #remark: string | null = null;
  #dataTimeMs: number | null = null;
  #text: string | null = null;

  constructor() {
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
    this.#write(this.#decoder.decode(bytes, { stream: true }));
    const blocks = this.#full;
    this.#full = [];
    return blocks;
  }

  end(): { blocks: OsmBlock[]; facts: DocumentFacts } {
    this.#write(this.#decoder.decode());
    if (!this.#hasRoot || this.#depth > 0)
      throw new TilthError(
        "osm.truncated",
        "expected the XML to end with </osm>, but it was cut short; fetch the file again",
      );
    const blocks = [...this.#full, ...(this.#builder.count > 0 ? [this.#builder.finish()] : [])];
    return { blocks, facts: { dataTimeMs: this.#dataTimeMs, remark: this.#remark } };
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
    if (name === "node" || name === "way" || name === "relation") this.#open = openObject(name, attributes);
    else if (this.#open !== null) addPart(this.#open, name, attributes);
    else if (name === "remark") this.#text = "";
    else if (name === "meta") this.#dataTimeMs = timeOf(attributes["osm_base"]);
  }

  #finish(name: string): void {
    this.#depth -= 1;
    if (name === "remark") [this.#remark, this.#text] = [this.#text, null];
    if (this.#open === null || name !== this.#open.type) return;
    if (this.#open.isVisible) addObject(this.#builder, this.#open);
    this.#open = null;
    this.#bytesSinceObject = 0;
    if (this.#builder.count < OBJECTS_PER_BLOCK) return;
    this.#full.push(this.#builder.finish());
    this.#builder = new BlockBuilder();
  }
}

function openObject(type: OsmType, attributes: Attributes): OpenObject {
  const isVisible = attributes["visible"] !== "false" && attributes["action"] !== "delete";
  const [lon, lat] = type === "node" && isVisible ? placeOf(attributes) : [0, 0];
  return { type, id: numberOf(attributes["id"], "id", type), lon, lat, isVisible, tags: [], refs: [], members: [] };
}

function addPart(object: OpenObject, name: string, attributes: Attributes): void {
  if (name === "tag") object.tags.push([attributes["k"] ?? "", attributes["v"] ?? ""]);
  else if (name === "nd" && object.type === "way") object.refs.push(numberOf(attributes["ref"], "ref", "nd"));
  else if (name === "member" && object.type === "relation") {
    const type =
      MEMBER_TYPES.find((each) => each === attributes["type"]) ??
      fail(`a member of type '${(attributes["type"] ?? "").slice(0, 40)}'`);
    object.members.push({ type, id: numberOf(attributes["ref"], "ref", "member"), role: attributes["role"] ?? "" });
  }
}

function addObject(builder: BlockBuilder, { type, id, lon, lat, tags, refs, members }: OpenObject): void {
  if (type === "node") builder.addNode(id, lon, lat, tags);
  else if (type === "way") builder.addWay(id, refs, tags);
  else builder.addRelation(id, members, tags);
}

function placeOf(attributes: Attributes): [number, number] {
  const [lon, lat] = [numberOf(attributes["lon"], "lon", "node"), numberOf(attributes["lat"], "lat", "node")];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) fail("a node outside of the world");
  return [lon, lat];
}

function numberOf(text: string | undefined, attribute: string, element: string): number {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  const isFine = attribute === "lon" || attribute === "lat" ? Number.isFinite(value) : Number.isSafeInteger(value);
  return isFine ? value : fail(`<${element}> with ${attribute}="${(text ?? "").slice(0, 40)}"`);
}

function fail(got: string): never {
  throw new TilthError("osm.invalid", `expected OpenStreetMap XML, got ${got}`);
}
