import { BatchMemory, type BatchExports } from "../batch_memory.ts";
import { GEOMETRY_KINDS, type FeatureBatch } from "../feature_batch.ts";
import type { EncodedGeojson, GeojsonOptions } from "./encoded_geojson.ts";
import { GEOJSON_WASM_BASE64 } from "./geojson_wasm.ts";
import { FEATURE_HEAD, geometryHead } from "./geometry_json.ts";
import { LAYER_PROPERTY, renamedIn, tagPropertyNames } from "./property_names.ts";
import { quote } from "./quote.ts";

/** `assembly/geojson.ts`. */
interface GeojsonExports extends BatchExports {
  placeWords(table: number): void;
  placeLayers(rows: number): void;
  placeNames(renamed: number, renames: number, count: number, ids: number, types: number): void;
  hasUnits(coordinates: number, count: number): number;
  hasDecimals(values: number, count: number): number;
  /** @returns 0 when there is no more memory */
  write(count: number, to: number, limit: number): number;
  readonly next: { readonly value: number };
  readonly textEnd: { readonly value: number };
}

/** Texts that are called otherwise as keys and that numbers of 16 bits tell apart. */
const MAX_RENAMED = 0xffff;
/** Bytes after which a chunk is handed on: a batch is never one long list. */
const CHUNK_BYTES = 1 << 20;
/** Of a layer: its geometry, columns, where these stand, its word. Of a column: whether it is a text, address of its values, its word. */
const [LAYER_BYTES, COLUMN_BYTES] = [16, 12];

/** A column of a layer: where it stands, and whose values it has. */
interface ColumnPlace {
  readonly at: number;
  readonly name: string;
  readonly isText: boolean;
}

/** GeoJSON out of batches, in memory of this thread. */
class GeojsonPacker {
  readonly options: GeojsonOptions;
  readonly #memory: BatchMemory<GeojsonExports>;
  readonly #columns: readonly ColumnPlace[];
  readonly #namesOf: readonly ((key: string) => string)[];
  readonly #mayBeRenamed: (key: string) => boolean;

  constructor(memory: BatchMemory<GeojsonExports>, options: GeojsonOptions) {
    this.options = options;
    this.#memory = memory;
    this.#namesOf = options.layers.map(tagPropertyNames);
    this.#mayBeRenamed = renamedIn(options.layers);
    memory.clear();
    const words = wordsOf(options);
    this.#columns = this.#placeLayers(words);
    memory.exports.placeWords(placeTexts(memory, words));
    memory.keep(options.layers.length);
  }

  pack(batch: FeatureBatch): EncodedGeojson | null {
    const { count, columns, geometry } = batch;
    const memory = this.#memory;
    const { exports } = memory;
    const { strings, renamed, renames } = this.#nameTexts(batch.strings);
    if (renames.length > MAX_RENAMED * this.#namesOf.length) return null;
    const places = memory.place(batch, { strings, escapesLineEnds: true });
    if (places === null) return null;
    if (exports.hasUnits(places.coordinates, geometry.coordinates.length) === 0) return null;
    for (const [name, place] of places.columns)
      if (exports.hasDecimals(place, (columns[name] as Float64Array).length) === 0) return null;
    if (!this.#placeColumns(places.columns, batch)) return null;
    const [ids, types] = [places.columns.get("osm_id") ?? 0, places.columns.get("osm_type") ?? 0];
    exports.placeNames(memory.put(renamed), memory.put(renames), renames.length / this.#namesOf.length, ids, types);
    const chunks = this.#write(count);
    return chunks === null ? null : { chunks, tally: memory.tally };
  }

  #write(count: number): Uint8Array<ArrayBuffer>[] | null {
    const memory = this.#memory;
    const { exports } = memory;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    const to = memory.reserve(0);
    do {
      if (exports.write(count, to, CHUNK_BYTES) === 0) return null;
      const end = exports.textEnd.value;
      if (end > to) chunks.push(new Uint8Array(memory.buffer.slice(to, end)));
    } while (exports.next.value < count);
    return chunks;
  }

  /** Texts, and behind them those that some are called by as keys: of each text its place among these, 0 for none; of each layer, of each place, which it is. */
  #nameTexts(texts: readonly string[]) {
    const strings = [...texts];
    const renamed = new Uint16Array(texts.length);
    const others: number[] = [];
    for (let i = 0; i < texts.length; i++) if (this.#mayBeRenamed(texts[i] as string)) renamed[i] = others.push(i);
    const renames = this.#namesOf.flatMap((nameOf) =>
      others.map((i) => {
        const name = nameOf(texts[i] as string);
        return name === texts[i] ? i : strings.push(name) - 1;
      }),
    );
    return { strings, renamed, renames: Uint32Array.from(renames) };
  }

  #placeLayers(words: string[]): ColumnPlace[] {
    const { layers } = this.options;
    const memory = this.#memory;
    const rows = memory.reserve(LAYER_BYTES * layers.length);
    memory.exports.placeLayers(rows);
    const places: ColumnPlace[] = [];
    for (const [i, { name, geometry, columns }] of layers.entries()) {
      const at = memory.put(new Uint8Array(COLUMN_BYTES * columns.length));
      const word = words.push(`${quote(LAYER_PROPERTY)}:${quote(name)}`) - 1;
      const row = [GEOMETRY_KINDS[geometry], columns.length, at, word];
      new Int32Array(memory.buffer, rows + LAYER_BYTES * i, row.length).set(row);
      for (const [c, column] of columns.entries()) {
        const columnAt = at + COLUMN_BYTES * c;
        const isText = column.type === "text";
        places.push({ at: columnAt, name: column.name, isText });
        const own = [isText ? 1 : 0, 0, words.push(`,${quote(column.name)}:`) - 1];
        new Int32Array(memory.buffer, columnAt, own.length).set(own);
      }
    }
    return places;
  }

  /** @returns false when a column of texts, or that of ids, has one that is not there */
  #placeColumns(places: ReadonlyMap<string, number>, { count, strings }: FeatureBatch): boolean {
    const { buffer, exports } = this.#memory;
    const words = new Int32Array(buffer);
    const hasTexts = (place: number): boolean => place === 0 || exports.areTexts(place, count, strings.length) !== 0;
    for (const { at, name, isText } of this.#columns) {
      const place = places.get(name) ?? 0;
      if (isText && !hasTexts(place)) return false;
      words[at / 4 + 1] = place;
    }
    return hasTexts(places.get("osm_type") ?? 0);
  }
}

/** In the order of `Word` (`assembly/words.ts`), the kinds of geometry by their codes behind the others. */
function wordsOf({ before, between }: GeojsonOptions): string[] {
  const words = [before, between, FEATURE_HEAD, ',"id":', ',"properties":{', '},"geometry":'];
  const kinds = words.length;
  for (const kind of ["point", "line", "multiLine", "multiPolygon"] as const)
    words[kinds + GEOMETRY_KINDS[kind]] = geometryHead(kind);
  return Array.from(words, (word) => word ?? "");
}

/** @returns a table of their addresses and bytes */
function placeTexts(memory: BatchMemory<GeojsonExports>, texts: readonly string[]): number {
  const places = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    return [memory.put(bytes), bytes.length];
  });
  return memory.put(Uint32Array.from(places));
}

let packer: GeojsonPacker | null = null;
let memory: BatchMemory<GeojsonExports> | null = null;

/**
 * As `writeGeojson`, in a fifth of the time, and from the first batch on. Null for what is rare in OpenStreetMap: numbers with more than seven decimals (positions that
 * were projected), very large batches, texts that are none in UTF-8.
 */
export function packGeojson(batch: FeatureBatch, options: GeojsonOptions): EncodedGeojson | null {
  memory ??= new BatchMemory(GEOJSON_WASM_BASE64);
  if (packer?.options !== options) {
    packer = null;
    packer = new GeojsonPacker(memory, options);
  }
  return packer.pack(batch);
}
