import type { FeatureBatch } from "../feature_batch.ts";
import type { TableSpec } from "../table_spec.ts";
import {
  blobSerial,
  contentSize,
  integerSerial,
  putNumber,
  putVarint,
  SERIAL,
  textSerial,
  varintSize,
} from "./record_format.ts";
import { TextBytes } from "./text_bytes.ts";

/** Places in a row: `fid`, which SQLite keeps beside the row, then the geometry. */
const GEOMETRY_AT = 1;
const COLUMNS_AT = 2;
const NOWHERE = 0xffff;

/** How rows of one table are made out of one batch. */
interface TablePlan {
  readonly columns: readonly { readonly values: Float64Array | undefined; readonly type: string }[];
  /** Place in the row of each text as a key; 0: not looked at yet, `NOWHERE`: none. */
  readonly placeOfKey: Uint16Array;
  readonly places: ReadonlyMap<string, number>;
  /** Serial type of each value of the row that is written; all 0, null, in between. */
  readonly serials: Uint32Array;
  /** Number, or index of a text, of each value. */
  readonly values: Float64Array;
}

/** `{`, `}`, `,` and `:`. */
const [OPEN, CLOSE, COMMA, COLON] = [0x7b, 0x7d, 0x2c, 0x3a];

/** Memory of this thread: each batch's records are copied out of it, exactly as long as they are. */
let memory = new Uint8Array(1 << 20);
let view = new DataView(memory.buffer);

/** Features of one batch as records: geometry, columns, columns of tags, all tags as JSON. What a text means for a table is found out once. */
export class RecordWriter {
  readonly #batch: FeatureBatch;
  readonly #plans: readonly TablePlan[];
  readonly #texts: TextBytes;
  #at = 0;

  constructor(batch: FeatureBatch, tables: readonly TableSpec[]) {
    this.#batch = batch;
    this.#texts = new TextBytes(batch.strings);
    const used = new Set(batch.layers);
    this.#plans = tables.map((table, index) => planOf(table, batch, used.has(index)));
  }

  /** @returns where the record ends, behind those before */
  write(i: number, blob: Uint8Array): number {
    const plan = this.#plans[this.#batch.layers[i] as number] as TablePlan;
    const { serials, values } = plan;
    serials[GEOMETRY_AT] = blobSerial(blob.length);
    this.#setColumns(plan, i);
    const jsonSize = this.#setTags(plan, i);
    const last = serials.length - 1;
    serials[last] = textSerial(jsonSize);
    this.#putHeader(serials);
    memory.set(blob, this.#at);
    this.#at += blob.length;
    for (let place = COLUMNS_AT; place < last; place++) {
      const serial = serials[place] as number;
      if (serial === SERIAL.null) continue;
      if (serial >= 12) this.#putText(this.#texts.plainAt(values[place] as number), contentSize(serial));
      else this.#at = putNumber(view, this.#at, serial, values[place] as number);
      serials[place] = SERIAL.null;
    }
    this.#putJson(i);
    return this.#at;
  }

  /** All records. */
  take(): Uint8Array<ArrayBuffer> {
    return memory.slice(0, this.#at);
  }

  #setColumns({ columns, serials, values }: TablePlan, i: number): void {
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as TablePlan["columns"][number];
      const value = column.values === undefined ? Number.NaN : (column.values[i] as number);
      if (Number.isNaN(value)) continue;
      const place = COLUMNS_AT + c;
      values[place] = value;
      if (column.type === "text") serials[place] = textSerial(this.#texts.plainSize(value));
      else if (Number.isSafeInteger(value) && column.type === "integer") serials[place] = integerSerial(value);
      else serials[place] = SERIAL.float;
    }
  }

  /** @returns bytes of the tags as JSON */
  #setTags(plan: TablePlan, i: number): number {
    const { placeOfKey, serials, values } = plan;
    const { tags, tagEnds } = this.#batch;
    const from = i === 0 ? 0 : (tagEnds[i - 1] as number);
    const to = tagEnds[i] as number;
    let size = to === from ? 2 : 1;
    for (let at = from; at < to; at += 2) {
      const key = tags[at] as number;
      const value = tags[at + 1] as number;
      size += 2 + this.#texts.jsonSize(key) + this.#texts.jsonSize(value);
      const place = placeOfKey[key] === 0 ? this.#lookUp(plan, key) : (placeOfKey[key] as number);
      if (place === NOWHERE) continue;
      values[place] = value;
      serials[place] = textSerial(this.#texts.plainSize(value));
    }
    return size;
  }

  #lookUp({ places, placeOfKey }: TablePlan, key: number): number {
    return (placeOfKey[key] = places.get(this.#batch.strings[key] as string) ?? NOWHERE);
  }

  /** Serial types, after the size of all this; makes room for the record. */
  #putHeader(serials: Uint32Array): void {
    let header = 0;
    let content = 0;
    for (let place = 0; place < serials.length; place++) {
      const serial = serials[place] as number;
      header += serial < 128 ? 1 : varintSize(serial);
      content += contentSize(serial);
    }
    header += header < 127 ? 1 : 2;
    reserve(this.#at, header + content);
    let at = putVarint(memory, this.#at, header);
    for (let place = 0; place < serials.length; place++) at = putVarint(memory, at, serials[place] as number);
    this.#at = at;
  }

  #putJson(i: number): void {
    const { tags, tagEnds } = this.#batch;
    const from = i === 0 ? 0 : (tagEnds[i - 1] as number);
    const to = tagEnds[i] as number;
    if (to === from) memory[this.#at++] = OPEN;
    for (let at = from; at < to; at += 2) {
      memory[this.#at++] = at === from ? OPEN : COMMA;
      this.#putJsonText(tags[at] as number);
      memory[this.#at++] = COLON;
      this.#putJsonText(tags[at + 1] as number);
    }
    memory[this.#at++] = CLOSE;
  }

  #putJsonText(index: number): void {
    this.#putText(this.#texts.jsonAt(index), this.#texts.jsonSize(index));
  }

  /** Byte by byte: texts are short, and a view for each costs more than copying 40 of them. */
  #putText(from: number, size: number): void {
    const { bytes } = this.#texts;
    let to = this.#at;
    for (let i = from; i < from + size; i++) memory[to++] = bytes[i] as number;
    this.#at = to;
  }
}

function reserve(at: number, more: number): void {
  if (at + more <= memory.length) return;
  const larger = new Uint8Array(2 * (at + more));
  larger.set(memory.subarray(0, at));
  memory = larger;
  view = new DataView(larger.buffer);
}

function planOf(table: TableSpec, batch: FeatureBatch, isUsed: boolean): TablePlan {
  const firstTag = COLUMNS_AT + table.columns.length;
  const length = isUsed ? firstTag + table.tagColumns.length + 1 : 0;
  const columns = table.columns.map(({ source, type }) => ({ values: batch.columns[source], type }));
  const placeOfKey = new Uint16Array(isUsed ? batch.strings.length : 0);
  const places = new Map(table.tagColumns.map(({ key }, i) => [key, firstTag + i]));
  return { columns, placeOfKey, places, serials: new Uint32Array(length), values: new Float64Array(length) };
}
