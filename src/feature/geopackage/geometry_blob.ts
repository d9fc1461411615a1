import { GEOMETRY_KINDS, type GeometryColumns } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import {
  measureEnvelope,
  positionsOf,
  positionsWithin,
  ringsOf,
  ringsWithin,
  type Envelope,
  type Range,
} from "../geometry_range.ts";

/** Each feature becomes one of its table's kind. */
type TableGeometry = FeatureLayer["geometry"];

/** Bytes before the well-known binary: magic, version, flags, srs_id, and the envelope but for points (OGC 12-128r18, clause 2.1.3). */
const HEADER_BYTES = 8;
const ENVELOPE_BYTES = 32;
/** Little-endian, envelope `[minx, maxx, miny, maxy]`; without. */
const FLAGS_ENVELOPE = 0b0000_0011;
const FLAGS_PLAIN = 0b0000_0001;

/** Writes geometries of batches as GeoPackage binary, one after another into the same memory. */
export class GeometryBlobWriter {
  readonly #srsId: number;
  #view = new DataView(new ArrayBuffer(64 * 1024));
  #at = 0;
  /** Of the last geometry that was written. */
  readonly envelope: Envelope = new Float64Array(4);

  constructor(srsId: number) {
    this.#srsId = srsId;
  }

  /** The geometry of those parts; the bytes hold until the next call. Null when a position has no image in the table's system. */
  write(geometry: GeometryColumns, kind: TableGeometry, parts: Range): Uint8Array | null {
    const rings = ringsWithin(geometry, parts);
    const positions = positionsWithin(geometry, rings);
    if (!measureEnvelope(geometry.coordinates, positions, this.envelope)) return null;
    this.#begin(kind, positions[1] - positions[0], rings[1] - rings[0], parts[1] - parts[0]);
    if (kind === "point") this.#writePoint(geometry, positions[0]);
    else if (kind === "line") this.#writeLine(geometry, rings[0]);
    else this.#writeParts(geometry, kind, parts);
    return new Uint8Array(this.#view.buffer, 0, this.#at);
  }

  #begin(kind: TableGeometry, positions: number, rings: number, parts: number): void {
    const needed = HEADER_BYTES + ENVELOPE_BYTES + 9 + positions * 16 + rings * 9 + parts * 9;
    if (needed > this.#view.byteLength) this.#view = new DataView(new ArrayBuffer(needed * 2));
    const isPoint = kind === "point";
    // 'GP', version 0.
    this.#view.setUint32(0, 0x4750_0000 | (isPoint ? FLAGS_PLAIN : FLAGS_ENVELOPE));
    this.#view.setInt32(4, this.#srsId, true);
    this.#at = HEADER_BYTES;
    if (!isPoint) for (const i of [0, 2, 1, 3]) this.#number(this.envelope[i] as number);
  }

  #writePoint({ coordinates }: GeometryColumns, position: number): void {
    this.#head(GEOMETRY_KINDS.point);
    this.#number(coordinates[2 * position] as number);
    this.#number(coordinates[2 * position + 1] as number);
  }

  #writeLine(geometry: GeometryColumns, ring: number): void {
    this.#head(GEOMETRY_KINDS.line);
    this.#positions(geometry, ring);
  }

  #writeParts(geometry: GeometryColumns, kind: "multiLine" | "multiPolygon", [from, to]: Range): void {
    this.#head(GEOMETRY_KINDS[kind]);
    this.#count(to - from);
    for (let part = from; part < to; part++) {
      const [first, last] = ringsOf(geometry, part);
      if (kind === "multiLine") {
        this.#writeLine(geometry, first);
        continue;
      }
      this.#head(GEOMETRY_KINDS.polygon);
      this.#count(last - first);
      for (let ring = first; ring < last; ring++) this.#positions(geometry, ring);
    }
  }

  #positions(geometry: GeometryColumns, ring: number): void {
    const [from, to] = positionsOf(geometry, ring);
    this.#count(to - from);
    for (let i = 2 * from; i < 2 * to; i++) this.#number(geometry.coordinates[i] as number);
  }

  #head(kind: number): void {
    this.#view.setUint8(this.#at, 1);
    this.#view.setUint32(this.#at + 1, kind, true);
    this.#at += 5;
  }

  #count(count: number): void {
    this.#view.setUint32(this.#at, count, true);
    this.#at += 4;
  }

  #number(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }
}
