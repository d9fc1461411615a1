import { isTilthError } from "../../src/core/index.ts";
import { BlockBuilder } from "../../src/osm/block_builder.ts";
import { planLayers } from "../../src/osm/tags/layer_plan.ts";
import type { ByteReader } from "../../src/osm/byte_reader.ts";
import type { OsmPart } from "../../src/osm/import/osm_part.ts";
import { decodeHeader } from "../../src/osm/pbf/decode_header.ts";
import { inflateBlob } from "../../src/osm/pbf/inflate_blob.ts";
import { readBlobs } from "../../src/osm/pbf/read_blobs.ts";
import { JsonReader } from "../../src/osm/text/json_reader.ts";
import { XmlReader } from "../../src/osm/text/xml_reader.ts";
import { gridWorldBox, makeGridWorld } from "../support/grid_world.ts";
import { importHere } from "../support/import_here.ts";
import { encodeBlob, encodeBlock, encodeOsmPbf } from "../support/osm_pbf.ts";
import { PlacedWorld } from "../support/osm_placed.ts";
import { worldBlock, worldJson, worldXml } from "../support/osm_world.ts";
import { readPieces } from "../support/read_text.ts";
import { mutate, seededRandom } from "./mutations.ts";

export const FORMATS = ["pbf", "block", "xml", "json"] as const;
export type FuzzFormat = (typeof FORMATS)[number];

const world = makeGridWorld(2);
const block = worldBlock(world);
const placed = new PlacedWorld(world);
const plan = { layers: planLayers({ scheme: "theme" }), area: { boxes: [gridWorldBox(2)] } };

const SEEDS: Readonly<Record<FuzzFormat, readonly Uint8Array[]>> = {
  pbf: [
    encodeOsmPbf([block, block], { compression: "raw" }),
    encodeOsmPbf([block]),
    encodeOsmPbf([new BlockBuilder().finish(), block], { compression: "zstd" }),
  ],
  block: [
    encodeBlock(block),
    encodeBlock(block, { plainNodes: true, isDeleted: (_kind, i) => i % 3 === 0 }),
    encodeBlock(placed.block()),
  ],
  xml: [Buffer.from(worldXml(world)), Buffer.from(placed.xml())],
  json: [
    Buffer.from(worldJson(world)),
    Buffer.from(JSON.stringify(JSON.parse(worldJson(world)))),
    Buffer.from(placed.json()),
  ],
};

/** A damaged file, the same for the same case. */
export function damagedFile(format: FuzzFormat, index: number): Buffer {
  const random = seededRandom(index * 7919 + FORMATS.indexOf(format));
  const seeds = SEEDS[format];
  const damaged = mutate(seeds[index % seeds.length] as Uint8Array, random);
  return format === "block"
    ? Buffer.concat([encodeOsmPbf([]), encodeBlob("OSMData", damaged, { compression: "raw" })])
    : damaged;
}

export interface FuzzResult {
  /** How often each code came; `none` where the file could be read. */
  readonly codes: Readonly<Record<string, number>>;
  /** Cases that ended with something else than a TilthError. */
  readonly crashes: readonly string[];
  /** Most memory that a case had at its end, outside of the heap, bytes. */
  readonly maxExternalBytes: number;
}

/** On a thread: cases `from` to `to`, each through readers and import. */
export async function fuzzCases(format: FuzzFormat, from: number, to: number): Promise<FuzzResult> {
  const codes: Record<string, number> = {};
  const crashes: string[] = [];
  let maxExternalBytes = 0;
  for (let index = from; index < to; index++) {
    const code = await importDamaged(format, index).catch((error: unknown) => {
      if (isTilthError(error)) return error.code;
      crashes.push(`${format} ${index}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return "crash";
    });
    codes[code] = (codes[code] ?? 0) + 1;
    maxExternalBytes = Math.max(maxExternalBytes, process.memoryUsage().external);
  }
  return { codes, crashes, maxExternalBytes };
}

async function importDamaged(format: FuzzFormat, index: number): Promise<"none"> {
  const bytes = damagedFile(format, index);
  await importHere(format === "xml" || format === "json" ? textParts(format, bytes) : await pbfParts(bytes), plan);
  return "none";
}

function textParts(format: "xml" | "json", bytes: Buffer): OsmPart[] {
  const middle = Math.floor(bytes.length / 2);
  const reader = format === "xml" ? new XmlReader() : new JsonReader();
  const { blocks } = readPieces(reader, [bytes.subarray(0, middle), bytes.subarray(middle)]);
  return blocks.map((each) => ({ kind: "block", block: each }));
}

async function pbfParts(bytes: Buffer): Promise<OsmPart[]> {
  const parts: OsmPart[] = [];
  for await (const blob of readBlobs(memoryReader(bytes)))
    if (blob.type === "OSMData") parts.push({ kind: "blob", bytes: blob.bytes });
    else decodeHeader(inflateBlob(blob.bytes));
  return parts;
}

function memoryReader(bytes: Buffer): ByteReader {
  let at = 0;
  return {
    path: "memory",
    read: async (size) => new Uint8Array(bytes.subarray(at, (at += size))),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
