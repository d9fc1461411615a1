import type { FeatureBatch } from "./feature_batch.ts";
import type { TableSpec } from "./table_spec.ts";

export type Row = (null | number | string | Uint8Array)[];

interface TablePlan {
  /** Values of the batch, and whether they are indices of texts. */
  readonly columns: readonly { readonly values: Float64Array | undefined; readonly isText: boolean }[];
  /** Place in the row of each text as a key; 0: none. */
  readonly placeOfKey: Uint16Array;
  /** A row without values: copying it is a third of what filling one costs. */
  readonly nulls: Row;
}

/** Rows out of one batch: fid, geometry, columns, columns of tags, all tags as JSON. What a text means for a table is found out once. */
export class RowMaker {
  readonly #batch: FeatureBatch;
  readonly #plans: readonly TablePlan[];
  /** Each text as JSON, made when it is first needed. */
  readonly #quoted: string[] = [];

  constructor(batch: FeatureBatch, tables: readonly TableSpec[]) {
    this.#batch = batch;
    const used = new Set(batch.layers);
    this.#plans = tables.map((table, index) => planOf(table, batch, used.has(index)));
  }

  /** @param blob put into the row as it is */
  make(i: number, fid: number, blob: Uint8Array): Row {
    const { strings, tags, tagEnds, layers } = this.#batch;
    const { columns, placeOfKey, nulls } = this.#plans[layers[i] as number] as TablePlan;
    const row = nulls.slice();
    row[0] = fid;
    row[1] = blob;
    for (let c = 0; c < columns.length; c++) {
      const { values, isText } = columns[c] as TablePlan["columns"][number];
      const value = values?.[i] ?? Number.NaN;
      if (!Number.isNaN(value)) row[2 + c] = isText ? (strings[value] as string) : value;
    }
    let json = "";
    for (let at = i === 0 ? 0 : (tagEnds[i - 1] as number); at < (tagEnds[i] as number); at += 2) {
      const key = tags[at] as number;
      const value = tags[at + 1] as number;
      json += `${json === "" ? "{" : ","}${this.#quote(key)}:${this.#quote(value)}`;
      const place = placeOfKey[key] as number;
      if (place !== 0) row[place] = strings[value] as string;
    }
    row[nulls.length - 1] = json === "" ? "{}" : `${json}}`;
    return row;
  }

  #quote(index: number): string {
    return (this.#quoted[index] ??= JSON.stringify(this.#batch.strings[index]));
  }
}

function planOf(table: TableSpec, batch: FeatureBatch, isUsed: boolean): TablePlan {
  const first = 2 + table.columns.length;
  const nulls: Row = Array.from({ length: first + table.tagColumns.length + 1 }, () => null);
  const columns = table.columns.map(({ source, type }) => ({ values: batch.columns[source], isText: type === "text" }));
  const placeOfKey = new Uint16Array(isUsed ? batch.strings.length : 0);
  if (!isUsed) return { columns, placeOfKey, nulls };
  const places = new Map(table.tagColumns.map(({ key }, i) => [key, first + i]));
  for (const [index, text] of batch.strings.entries()) placeOfKey[index] = places.get(text) ?? 0;
  return { columns, placeOfKey, nulls };
}
