import { deflateSync, zstdCompressSync } from "node:zlib";
import { PbfWriter } from "pbf";
import { startOf, type OsmBlock, type TagColumns } from "../../src/osm/osm_block.ts";

export interface PbfFileOptions {
  /** @default "zlib" */
  compression?: "raw" | "zlib" | "zstd";
  /** Nodes as single messages instead of columns. */
  plainNodes?: boolean;
  /** @default the two that every file has */
  requiredFeatures?: readonly string[];
}

/** An `.osm.pbf` file of blocks, as osmformat.proto has it. */
export function encodeOsmPbf(blocks: readonly OsmBlock[], options: PbfFileOptions = {}): Buffer {
  const header = new PbfWriter();
  for (const feature of options.requiredFeatures ?? ["OsmSchema-V0.6", "DenseNodes"])
    header.writeStringField(4, feature);
  header.writeStringField(16, "tilth-test");
  const parts = [encodeBlob("OSMHeader", header.finish(), options)];
  for (const block of blocks) parts.push(encodeBlob("OSMData", encodeBlock(block, options), options));
  return Buffer.concat(parts);
}

export function encodeBlob(type: string, data: Uint8Array, { compression = "zlib" }: PbfFileOptions = {}): Buffer {
  const blob = new PbfWriter();
  if (compression === "raw") blob.writeBytesField(1, data);
  else {
    blob.writeVarintField(2, data.byteLength);
    if (compression === "zlib") blob.writeBytesField(3, deflateSync(data));
    else blob.writeBytesField(7, zstdCompressSync(data));
  }
  const body = blob.finish();
  const header = new PbfWriter();
  header.writeStringField(1, type);
  header.writeVarintField(3, body.byteLength);
  const head = header.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.byteLength);
  return Buffer.concat([length, head, body]);
}

function encodeBlock(block: OsmBlock, { plainNodes = false }: PbfFileOptions): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (strings: readonly string[], into: PbfWriter) => {
      for (const text of strings) into.writeStringField(1, text);
    },
    ["", ...block.strings],
  );
  if (block.nodes.count > 0) pbf.writeMessage(2, plainNodes ? writeNodes : writeDense, block);
  if (block.ways.count > 0) pbf.writeMessage(2, writeWays, block);
  if (block.relations.count > 0) pbf.writeMessage(2, writeRelations, block);
  return pbf.finish();
}

/** Texts begin at 1: an empty one stands before them. */
const tagsOf = ({ tagEnds, tags }: TagColumns, i: number): number[] =>
  [...tags.subarray(startOf(tagEnds, i), tagEnds[i])].map((index) => index + 1);
const everySecond = (values: readonly number[], first: 0 | 1): number[] =>
  values.filter((_value, i) => i % 2 === first);
const deltas = (values: ArrayLike<number>): number[] =>
  Array.from(values).map((value, i, all) => (i === 0 ? value : value - (all[i - 1] ?? 0)));

function writeDense({ nodes }: OsmBlock, pbf: PbfWriter): void {
  const write = (_none: null, dense: PbfWriter): void => {
    dense.writePackedSVarint(1, deltas(nodes.ids));
    dense.writePackedSVarint(8, deltas(nodes.lats));
    dense.writePackedSVarint(9, deltas(nodes.lons));
    const all = Array.from({ length: nodes.count }, (_, i) => [...tagsOf(nodes, i), 0]).flat();
    if (all.some((index) => index !== 0)) dense.writePackedVarint(10, all);
  };
  pbf.writeMessage(2, write, null);
}

function writeNodes({ nodes }: OsmBlock, pbf: PbfWriter): void {
  for (let i = 0; i < nodes.count; i++)
    pbf.writeMessage(
      1,
      (_none: null, node: PbfWriter) => {
        node.writeTag(1, 0);
        node.writeSVarint(nodes.ids[i] ?? 0);
        writeTags(nodes, i, node);
        node.writeTag(8, 0);
        node.writeSVarint(nodes.lats[i] ?? 0);
        node.writeTag(9, 0);
        node.writeSVarint(nodes.lons[i] ?? 0);
      },
      null,
    );
}

function writeWays({ ways }: OsmBlock, pbf: PbfWriter): void {
  for (let i = 0; i < ways.count; i++)
    pbf.writeMessage(
      3,
      (_none: null, way: PbfWriter) => {
        way.writeVarintField(1, ways.ids[i] ?? 0);
        writeTags(ways, i, way);
        way.writePackedSVarint(8, deltas(ways.refs.subarray(startOf(ways.refEnds, i), ways.refEnds[i])));
      },
      null,
    );
}

function writeRelations({ relations }: OsmBlock, pbf: PbfWriter): void {
  for (let i = 0; i < relations.count; i++)
    pbf.writeMessage(
      4,
      (_none: null, relation: PbfWriter) => {
        const [from, to] = [startOf(relations.memberEnds, i), relations.memberEnds[i]];
        relation.writeVarintField(1, relations.ids[i] ?? 0);
        writeTags(relations, i, relation);
        relation.writePackedVarint(
          8,
          [...relations.memberRoles.subarray(from, to)].map((index) => index + 1),
        );
        relation.writePackedSVarint(9, deltas(relations.memberIds.subarray(from, to)));
        relation.writePackedVarint(10, [...relations.memberTypes.subarray(from, to)]);
      },
      null,
    );
}

function writeTags(columns: TagColumns, i: number, pbf: PbfWriter): void {
  const tags = tagsOf(columns, i);
  pbf.writePackedVarint(2, everySecond(tags, 0));
  pbf.writePackedVarint(3, everySecond(tags, 1));
}
