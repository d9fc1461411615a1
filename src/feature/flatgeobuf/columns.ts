import { ColumnType } from "flatgeobuf/lib/mjs/flat-geobuf/column-type.js";
import { TAGS_COLUMN, type TableSpec } from "../table_spec.ts";

export interface FlatgeobufColumn {
  readonly name: string;
  readonly type: ColumnType.Long | ColumnType.Double | ColumnType.String | ColumnType.Json;
  readonly description?: string;
}

const TYPES = { integer: ColumnType.Long, real: ColumnType.Double, text: ColumnType.String } as const;

/** In the order of the rows of a `RowMaker`, behind id and geometry. */
export function flatgeobufColumns(table: TableSpec): FlatgeobufColumn[] {
  const descriptions = new Map(table.columnDescriptions);
  return [
    ...table.columns.map(({ name, type }) => ({ name, type: TYPES[type], description: descriptions.get(name) })),
    ...table.tagColumns.map(({ name }) => ({ name, type: ColumnType.String as const })),
    { name: TAGS_COLUMN, type: ColumnType.Json },
  ];
}
