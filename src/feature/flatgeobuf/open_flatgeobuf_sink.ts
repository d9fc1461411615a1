import { extname } from "node:path";
import { workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import { getCrs } from "../../crs/index.ts";
import { srsRow } from "../../geopackage/index.ts";
import { EncodedSink } from "../encoded_sink.ts";
import type { FeatureFileOptions } from "../feature_writer.ts";
import type { FeatureSink } from "../ordered_writer.ts";
import { provenanceJson } from "../provenance_json.ts";
import { tableSpec } from "../table_spec.ts";
import type * as thread from "./encode_flatgeobuf.ts";
import { FlatgeobufTarget } from "./flatgeobuf_target.ts";

const encodeTask = workerTask<typeof thread.encodeFlatgeobuf>({
  module: workerModuleUrl("./encode_flatgeobuf", import.meta.url),
  name: "encodeFlatgeobuf",
});

/** Boxes and sizes of features in memory, for the indexes; what tests set lower. */
export interface FlatgeobufLimits {
  readonly maxBoxes?: number;
}

/**
 * Features as FlatGeobuf 3, which holds one layer a file: one layer goes to `path`, several to `name_LAYER.fgb` beside each other. The caller has locked
 * the path.
 * @throws `crs.unknown` for a system without an EPSG code, `store.readOnly`, `store.full`, `store.io`
 */
export async function openFlatgeobufSink(
  path: string,
  options: FeatureFileOptions,
  limits: FlatgeobufLimits = {},
): Promise<FeatureSink> {
  const tables = options.layers.map(tableSpec);
  const crs = options.crs ?? getCrs("OGC:CRS84");
  const plan = {
    tables,
    paths: layerPaths(path, options),
    srs: srsRow(crs),
    metadata: JSON.stringify(provenanceJson(options)),
    maxBoxes: limits.maxBoxes,
  };
  const target = await FlatgeobufTarget.open(plan);
  const encoding = { tables, crs: crs.definition, batchCrs: options.batchCrs?.definition };
  return new EncodedSink(encodeTask, encoding, target, options.layers);
}

/** Where each layer goes. */
export function layerPaths(path: string, { layers }: Pick<FeatureFileOptions, "layers">): string[] {
  if (layers.length === 1) return [path];
  const ending = extname(path);
  const stem = path.slice(0, path.length - ending.length);
  return layers.map(({ name }) => `${stem}_${name}${ending}`);
}
