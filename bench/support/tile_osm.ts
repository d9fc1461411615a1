import { createWriteStream } from "node:fs";
import { openFileReader } from "../../src/osm/byte_reader.ts";
import { UNITS_PER_DEGREE, type OsmBlock } from "../../src/osm/osm_block.ts";
import { decodeBlock } from "../../src/osm/pbf/decode_block.ts";
import { inflateBlob } from "../../src/osm/pbf/inflate_blob.ts";
import { readBlobs } from "../../src/osm/pbf/read_blobs.ts";
import { encodeOsmPbf } from "../../test/support/osm_pbf.ts";

/** Ids of one copy are so far from those of the next. */
const ID_STEP = 100_000_000_000;
/** Copies lie side by side in rows, degrees apart. */
const LON_STEP = 0.5;
const LAT_STEP = 1;
const COLUMNS = 20;

/** Writes an extract `times` over: same objects, other ids, other places; nodes of all copies first, as in a sorted file. */
export async function tileOsm(from: string, to: string, times: number): Promise<void> {
  const blocks: OsmBlock[] = [];
  await using reader = await openFileReader(from);
  for await (const { type, bytes } of readBlobs(reader))
    if (type === "OSMData") blocks.push(decodeBlock(inflateBlob(bytes)));
  const out = createWriteStream(to);
  out.write(encodeOsmPbf([]));
  for (const kind of ["nodes", "ways", "relations"] as const)
    for (let copy = 0; copy < times; copy++)
      for (const block of blocks) {
        if (block[kind].count === 0) continue;
        const only = { ...block, ...emptyBut(kind, shift(block, copy)) };
        const bytes = encodeOsmPbf([only]);
        // Without the header of its own.
        if (!out.write(bytes.subarray(HEADER_BYTES)))
          await new Promise<void>((resolve) => out.once("drain", () => resolve()));
      }
  await new Promise<void>((resolve, reject) => out.end((error?: Error | null) => (error ? reject(error) : resolve())));
}

const HEADER_BYTES = encodeOsmPbf([]).byteLength;

function shift({ nodes, ways, relations }: OsmBlock, copy: number): Pick<OsmBlock, "nodes" | "ways" | "relations"> {
  const ids = (values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => values.map((id) => id + copy * ID_STEP);
  const moved = (values: Int32Array<ArrayBuffer>, step: number): Int32Array<ArrayBuffer> =>
    values.map((value) => value + Math.round(step * UNITS_PER_DEGREE));
  const lons = moved(nodes.lons, (copy % COLUMNS) * LON_STEP);
  const lats = moved(nodes.lats, -Math.floor(copy / COLUMNS) * LAT_STEP);
  return {
    nodes: { ...nodes, ids: ids(nodes.ids), lons, lats },
    ways: { ...ways, ids: ids(ways.ids), refs: ids(ways.refs) },
    relations: { ...relations, ids: ids(relations.ids), memberIds: ids(relations.memberIds) },
  };
}

function emptyBut(kind: "nodes" | "ways" | "relations", block: Pick<OsmBlock, "nodes" | "ways" | "relations">) {
  const empty = {
    nodes: { ...block.nodes, count: 0 },
    ways: { ...block.ways, count: 0 },
    relations: { ...block.relations, count: 0 },
  };
  return { ...empty, [kind]: block[kind] };
}
