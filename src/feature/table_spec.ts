import { TilthError } from "../core/index.ts";
import type { FeatureColumn, FeatureLayer } from "./feature_writer.ts";

/** Names that a table has besides those of its columns and tags. */
export const FID = "fid";
export const GEOMETRY_COLUMN = "geom";
export const TAGS_COLUMN = "tags";

/** What SQLite takes (SQLITE_MAX_COLUMN); other formats would take more, but no table is of use that wide. */
const MAX_COLUMNS = 2000;

/** A layer as a table has it: the names of columns are unique whatever the tags are called. */
export interface TableSpec {
  readonly name: string;
  readonly geometry: FeatureLayer["geometry"];
  readonly columns: readonly { readonly name: string; readonly source: string; readonly type: FeatureColumn["type"] }[];
  readonly tagColumns: readonly { readonly name: string; readonly key: string }[];
  readonly title: string;
  readonly description: string;
  /** Of each column that has one. */
  readonly columnDescriptions: readonly (readonly [name: string, description: string])[];
}

/** @throws `argument.invalid` for more than 2,000 columns, those of Tilth's own included */
export function tableSpec(layer: FeatureLayer): TableSpec {
  const { name, geometry, title, description } = layer;
  const free = freeNames();
  const columns = layer.columns.map((column) => ({ name: free(column.name), source: column.name, type: column.type }));
  const tagColumns = layer.tagKeys.map((key) => ({ name: free(key), key }));
  const count = columns.length + tagColumns.length + 3;
  if (count > MAX_COLUMNS) {
    const message = `expected at most ${MAX_COLUMNS} columns in layer '${name}', got ${count}; name fewer tags`;
    throw new TilthError("argument.invalid", message, { fields: { layer: name, columns: count } });
  }
  const columnDescriptions = layer.columns.flatMap(({ description: text }, i) =>
    text === undefined ? [] : [[columns[i]?.name ?? "", text] as const],
  );
  return { name, geometry, columns, tagColumns, title, description, columnDescriptions };
}

/** Gives each wanted name, or the first of `name_2`, `name_3` ... that is not taken: SQLite does not tell upper from lower case. */
function freeNames(): (wanted: string) => string {
  const taken = new Set([FID, GEOMETRY_COLUMN, TAGS_COLUMN]);
  return (wanted) => {
    let name = wanted;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wanted}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  };
}
