import { Builder } from "flatbuffers";
import { Feature } from "flatgeobuf/lib/mjs/flat-geobuf/feature.js";
import { GeometryType } from "flatgeobuf/lib/mjs/flat-geobuf/geometry-type.js";
import { Geometry } from "flatgeobuf/lib/mjs/flat-geobuf/geometry.js";
import type { GeometryColumns } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { positionsOf, positionsWithin, ringsOf, ringsWithin, type Range } from "../geometry_range.ts";

export const GEOMETRY_TYPES = {
  point: GeometryType.Point,
  line: GeometryType.LineString,
  multiLine: GeometryType.MultiLineString,
  multiPolygon: GeometryType.MultiPolygon,
} as const;

/** Features as size-prefixed flatbuffers, one after another into the same memory. The library's own way takes all features at once. */
export class FeatureBytes {
  readonly #builder = new Builder(64 * 1024);

  /** The bytes hold until the next call. */
  write(geometry: GeometryColumns, kind: FeatureLayer["geometry"], parts: Range, properties: Uint8Array): Uint8Array {
    const builder = this.#builder;
    builder.clear();
    const propertiesAt = builder.createByteVector(properties);
    const geometryAt = this.#geometry(geometry, kind, parts);
    Feature.startFeature(builder);
    Feature.addGeometry(builder, geometryAt);
    Feature.addProperties(builder, propertiesAt);
    builder.finishSizePrefixed(Feature.endFeature(builder));
    return builder.asUint8Array();
  }

  #geometry(geometry: GeometryColumns, kind: FeatureLayer["geometry"], parts: Range): number {
    if (kind !== "multiPolygon") return this.#simple(geometry, GEOMETRY_TYPES[kind], ringsWithin(geometry, parts));
    const polygons: number[] = [];
    for (let part = parts[0]; part < parts[1]; part++)
      polygons.push(this.#simple(geometry, GeometryType.Polygon, ringsOf(geometry, part)));
    const partsAt = Geometry.createPartsVector(this.#builder, polygons);
    Geometry.startGeometry(this.#builder);
    Geometry.addType(this.#builder, GeometryType.MultiPolygon);
    Geometry.addParts(this.#builder, partsAt);
    return Geometry.endGeometry(this.#builder);
  }

  /** Rings, or the lines of one geometry, as positions and where each ends; points and lines have no ends. */
  #simple(geometry: GeometryColumns, type: GeometryType, rings: Range): number {
    const builder = this.#builder;
    const single = type === GeometryType.Point || type === GeometryType.LineString;
    const [from, to] = single ? positionsOf(geometry, rings[0]) : positionsWithin(geometry, rings);
    const last = type === GeometryType.Point ? from + 1 : to;
    const xyAt = Geometry.createXyVector(builder, geometry.coordinates.subarray(2 * from, 2 * last));
    const ends = geometry.positionEnds.subarray(rings[0], rings[1]).map((end) => end - from);
    const endsAt = single ? 0 : Geometry.createEndsVector(builder, ends);
    Geometry.startGeometry(builder);
    Geometry.addType(builder, type);
    Geometry.addXy(builder, xyAt);
    if (!single) Geometry.addEnds(builder, endsAt);
    return Geometry.endGeometry(builder);
  }
}
