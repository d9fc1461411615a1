import { DatabaseSync } from "node:sqlite";
import type { FeatureLayer } from "../../src/feature/index.ts";
import type { Position, TestFeature } from "./feature_layers.ts";

/** Bytes of the envelope by the flags of the header (OGC 12-128r18, table 6). */
const ENVELOPE_BYTES = [0, 32, 48, 48, 64];

/** A geometry of a GeoPackage as it is: written from the standard, for the writer to be held against. */
export function readGeometry(blob: Uint8Array): {
  srsId: number;
  /** minX, maxX, minY, maxY; empty when there is none. */
  envelope: number[];
  coordinates: TestFeature["coordinates"];
} {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint16(0) !== 0x4750) throw new Error("no GeoPackage geometry");
  const envelopeBytes = ENVELOPE_BYTES[(view.getUint8(3) >> 1) & 7] ?? 0;
  const envelope = Array.from({ length: envelopeBytes / 8 }, (_, i) => view.getFloat64(8 + 8 * i, true));
  const reader = new WkbReader(view, 8 + envelopeBytes);
  const coordinates = reader.geometry();
  if (reader.at !== blob.byteLength) throw new Error(`expected ${blob.byteLength} bytes, got ${reader.at}`);
  return { srsId: view.getInt32(4, true), envelope, coordinates };
}

class WkbReader {
  readonly #view: DataView;
  at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.at = at;
  }

  geometry(): TestFeature["coordinates"] {
    if (this.#view.getUint8(this.at) !== 1) throw new Error("expected little-endian");
    const kind = this.#view.getUint32(this.at + 1, true);
    this.at += 5;
    if (kind === 1) return this.#position();
    if (kind === 2) return this.#list(() => this.#position());
    if (kind === 3) return this.#list(() => this.#list(() => this.#position()));
    return this.#list(() => this.geometry()) as TestFeature["coordinates"];
  }

  #list<Item>(item: () => Item): Item[] {
    const count = this.#view.getUint32(this.at, true);
    this.at += 4;
    return Array.from({ length: count }, item);
  }

  #position(): Position {
    this.at += 16;
    return [this.#view.getFloat64(this.at - 16, true), this.#view.getFloat64(this.at - 8, true)];
  }
}

/** Features of the layers that the file lists; columns of tags must say what the column of all tags does. */
export function readGeopackageFeatures(path: string, layers: readonly FeatureLayer[]): TestFeature[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const names = db.prepare("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").all();
    return names.flatMap(({ table_name: name }) => {
      const layer = layers.find((each) => each.name === name);
      if (layer === undefined) return [];
      return db
        .prepare(`SELECT * FROM "${layer.name}" ORDER BY fid`)
        .all()
        .map((row) => featureOf(layer, row));
    });
  } finally {
    db.close();
  }
}

function featureOf(layer: FeatureLayer, row: Record<string, unknown>): TestFeature {
  const tags = JSON.parse(String(row["tags"])) as Record<string, string>;
  for (const key of layer.tagKeys) {
    const value = Object.hasOwn(tags, key) ? tags[key] : null;
    if (row[key] !== value) throw new Error(`tag ${key}: expected ${String(value)}, got ${String(row[key])}`);
  }
  const columns = layer.columns.flatMap(({ name }) => (row[name] === null ? [] : [[name, row[name]] as const]));
  const { coordinates } = readGeometry(row["geom"] as Uint8Array);
  return { layer: layer.name, coordinates, columns: Object.fromEntries(columns) as never, tags };
}
