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
  /** Whether an object is marked as deleted, by its place in its block. */
  isDeleted?: (kind: "nodes" | "ways" | "relations", index: number) => boolean;
  /** Of coordinates; columns hold numbers that are written as they are. */
  scale?: { granularity: number; latOffset: number; lonOffset: number };
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
  if (compression === "raw") return frameBlob(type, { 1: data });
  const size = data.byteLength;
  return frameBlob(
    type,
    compression === "zlib" ? { 2: size, 3: deflateSync(data) } : { 2: size, 7: zstdCompressSync(data) },
  );
}

/** A blob of fields as they are: numbers, and bytes. */
export function frameBlob(type: string, fields: Readonly<Record<number, number | Uint8Array>>): Buffer {
  const blob = new PbfWriter();
  for (const [field, value] of Object.entries(fields))
    if (typeof value === "number") blob.writeVarintField(Number(field), value);
    else blob.writeBytesField(Number(field), value);
  const body = blob.finish();
  const header = new PbfWriter();
  header.writeStringField(1, type);
  header.writeVarintField(3, body.byteLength);
  const head = header.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.byteLength);
  return Buffer.concat([length, head, body]);
}

/** A `PrimitiveBlock`. */
export function encodeBlock(block: OsmBlock, options: PbfFileOptions = {}): Uint8Array {
  const { plainNodes = false, scale } = options;
  const marked = { block, options };
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (strings: readonly string[], into: PbfWriter) => {
      for (const text of strings) into.writeStringField(1, text);
    },
    ["", ...block.strings],
  );
  if (block.nodes.count > 0) pbf.writeMessage(2, plainNodes ? writeNodes : writeDense, marked);
  if (block.ways.count > 0) pbf.writeMessage(2, writeWays, marked);
  if (block.relations.count > 0) pbf.writeMessage(2, writeRelations, marked);
  if (scale !== undefined) {
    pbf.writeVarintField(17, scale.granularity);
    pbf.writeVarintField(19, scale.latOffset);
    pbf.writeVarintField(20, scale.lonOffset);
  }
  return pbf.finish();
}

/** Texts begin at 1: an empty one stands before them. */
const tagsOf = ({ tagEnds, tags }: TagColumns, i: number): number[] =>
  [...tags.subarray(startOf(tagEnds, i), tagEnds[i])].map((index) => index + 1);
const everySecond = (values: readonly number[], first: 0 | 1): number[] =>
  values.filter((_value, i) => i % 2 === first);
const deltas = (values: ArrayLike<number>): number[] =>
  Array.from(values).map((value, i, all) => (i === 0 ? value : value - (all[i - 1] ?? 0)));

interface Marked {
  readonly block: OsmBlock;
  readonly options: PbfFileOptions;
}

/** `Info` with nothing but the flag of deleted objects. */
function writeInfo(
  { options }: Pick<Marked, "options">,
  kind: "nodes" | "ways" | "relations",
  i: number,
  pbf: PbfWriter,
): void {
  const { isDeleted } = options;
  if (isDeleted !== undefined)
    pbf.writeMessage(4, (visible: boolean, info: PbfWriter) => info.writeBooleanField(6, visible), !isDeleted(kind, i));
}

function writeDense({ block: { nodes }, options }: Marked, pbf: PbfWriter): void {
  const writeAll = (_none: null, dense: PbfWriter): void => {
    dense.writePackedSVarint(1, deltas(nodes.ids));
    const visible = Array.from(nodes.ids, (_id, i) => options.isDeleted?.("nodes", i) !== true);
    const write = (_nothing: null, info: PbfWriter): void => info.writePackedBoolean(6, visible);
    if (options.isDeleted !== undefined) dense.writeMessage(5, write, null);
    dense.writePackedSVarint(8, deltas(nodes.lats));
    dense.writePackedSVarint(9, deltas(nodes.lons));
    const all = Array.from({ length: nodes.count }, (_, i) => [...tagsOf(nodes, i), 0]).flat();
    if (all.some((index) => index !== 0)) dense.writePackedVarint(10, all);
  };
  pbf.writeMessage(2, writeAll, null);
}

function writeNodes({ block: { nodes }, ...marked }: Marked, pbf: PbfWriter): void {
  for (let i = 0; i < nodes.count; i++)
    pbf.writeMessage(
      1,
      (_none: null, node: PbfWriter) => {
        node.writeTag(1, 0);
        node.writeSVarint(nodes.ids[i] ?? 0);
        writeTags(nodes, i, node);
        writeInfo(marked, "nodes", i, node);
        node.writeTag(8, 0);
        node.writeSVarint(nodes.lats[i] ?? 0);
        node.writeTag(9, 0);
        node.writeSVarint(nodes.lons[i] ?? 0);
      },
      null,
    );
}

function writeWays({ block: { ways }, ...marked }: Marked, pbf: PbfWriter): void {
  for (let i = 0; i < ways.count; i++)
    pbf.writeMessage(
      3,
      (_none: null, way: PbfWriter) => {
        way.writeVarintField(1, ways.ids[i] ?? 0);
        writeTags(ways, i, way);
        writeInfo(marked, "ways", i, way);
        const [from, to] = [startOf(ways.refEnds, i), ways.refEnds[i]];
        way.writePackedSVarint(8, deltas(ways.refs.subarray(from, to)));
        way.writePackedSVarint(9, deltas(ways.lats.subarray(from, to)));
        way.writePackedSVarint(10, deltas(ways.lons.subarray(from, to)));
      },
      null,
    );
}

function writeRelations({ block: { relations }, ...marked }: Marked, pbf: PbfWriter): void {
  for (let i = 0; i < relations.count; i++)
    pbf.writeMessage(
      4,
      (_none: null, relation: PbfWriter) => {
        const [from, to] = [startOf(relations.memberEnds, i), relations.memberEnds[i]];
        relation.writeVarintField(1, relations.ids[i] ?? 0);
        writeTags(relations, i, relation);
        writeInfo(marked, "relations", i, relation);
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
