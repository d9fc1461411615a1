import { Builder } from "flatbuffers";
import { Column } from "flatgeobuf/lib/mjs/flat-geobuf/column.js";
import { Crs as CrsTable } from "flatgeobuf/lib/mjs/flat-geobuf/crs.js";
import { Header } from "flatgeobuf/lib/mjs/flat-geobuf/header.js";
import type { SrsRow } from "../../geopackage/index.ts";
import type { LayerSummary } from "../feature_writer.ts";
import type { TableSpec } from "../table_spec.ts";
import { flatgeobufColumns, type FlatgeobufColumn } from "./columns.ts";
import { GEOMETRY_TYPES } from "./feature_bytes.ts";

/** 'fgb', version 3.0. */
const MAGIC = Uint8Array.of(0x66, 0x67, 0x62, 3, 0x66, 0x67, 0x62, 0);

export interface HeaderOptions {
  readonly table: TableSpec;
  readonly summary: LayerSummary;
  readonly srs: SrsRow;
  /** 0: no index. */
  readonly nodeSize: number;
  /** JSON. */
  readonly metadata: string;
}

/** What a file begins with: magic bytes and header. */
export function fileHead({ table, summary, srs, nodeSize, metadata }: HeaderOptions): Uint8Array {
  const builder = new Builder(4096);
  const columns = flatgeobufColumns(table).map((column) => addColumn(builder, column));
  const columnsAt = Header.createColumnsVector(builder, columns);
  const crsAt = addCrs(builder, srs);
  const envelopeAt = summary.bbox === null ? 0 : Header.createEnvelopeVector(builder, [...summary.bbox]);
  const [name, title, description, about] = [table.name, table.title, table.description, metadata].map((text) =>
    builder.createString(text),
  ) as [number, number, number, number];
  Header.startHeader(builder);
  Header.addName(builder, name);
  if (envelopeAt !== 0) Header.addEnvelope(builder, envelopeAt);
  Header.addGeometryType(builder, GEOMETRY_TYPES[table.geometry] as number);
  Header.addColumns(builder, columnsAt);
  Header.addFeaturesCount(builder, BigInt(summary.count));
  Header.addIndexNodeSize(builder, nodeSize);
  Header.addCrs(builder, crsAt);
  Header.addTitle(builder, title);
  Header.addDescription(builder, description);
  Header.addMetadata(builder, about);
  builder.finishSizePrefixed(Header.endHeader(builder));
  return Buffer.concat([MAGIC, builder.asUint8Array()]);
}

function addColumn(builder: Builder, { name, type, description }: FlatgeobufColumn): number {
  const nameAt = builder.createString(name);
  const descriptionAt = description === undefined ? 0 : builder.createString(description);
  Column.startColumn(builder);
  Column.addName(builder, nameAt);
  Column.addType(builder, type);
  if (descriptionAt !== 0) Column.addDescription(builder, descriptionAt);
  return Column.endColumn(builder);
}

/** x is the longitude or easting whatever the authority says: so the format's readers have it. */
function addCrs(builder: Builder, srs: SrsRow): number {
  const [org, name, wkt] = [srs.organization, srs.srsName, srs.definition].map((text) =>
    builder.createString(text),
  ) as [number, number, number];
  CrsTable.startCrs(builder);
  CrsTable.addOrg(builder, org);
  CrsTable.addCode(builder, srs.srsId);
  CrsTable.addName(builder, name);
  CrsTable.addWkt(builder, wkt);
  return CrsTable.endCrs(builder);
}
