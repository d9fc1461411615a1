import { extname } from "node:path";
import { workerModuleUrl } from "../concurrency/index.ts";
import { throwIfAborted, TilthError } from "../core/index.ts";
import { WriteLock } from "../geopackage/index.ts";
import type { FeatureFileOptions, FeatureLayer, FeatureWriter } from "./feature_writer.ts";
import { OrderedWriter, type FeatureSink } from "./ordered_writer.ts";

type OpenSink = (path: string, options: FeatureFileOptions) => Promise<FeatureSink>;

interface Format {
  load(): Promise<OpenSink>;
  /** What threads load that turn batches into its bytes. */
  readonly encoder: URL;
}

const geojson = (form: "collection" | "lines" | "sequence"): Format => ({
  load: async () => {
    const { openGeojsonSink } = await import("./geojson/open_geojson_sink.ts");
    return (path, options) => openGeojsonSink(path, options, form);
  },
  encoder: workerModuleUrl("./geojson/encode_geojson", import.meta.url),
});

/** Formats by the end of a file's name. Loaded when they are needed: threads that make features need none of them. */
const FORMATS: Readonly<Record<string, Format>> = {
  ".gpkg": {
    load: async () => (await import("./geopackage/open_geopackage_sink.ts")).openGeopackageSink,
    encoder: workerModuleUrl("./geopackage/encode_records", import.meta.url),
  },
  ".geojson": geojson("collection"),
  ".geojsonl": geojson("lines"),
  ".ndjson": geojson("lines"),
  ".geojsons": geojson("sequence"),
  ".fgb": {
    load: async () => (await import("./flatgeobuf/open_flatgeobuf_sink.ts")).openFlatgeobufSink,
    encoder: workerModuleUrl("./flatgeobuf/encode_flatgeobuf", import.meta.url),
  },
};

const findFormat = (path: string): Format | undefined => FORMATS[extname(path).toLowerCase()];

/** What threads need that are going to make batches for such a file (`FeatureWriter.encoding`): they can load it beforehand. Empty for other files. */
export function encoderModules(path: string): URL[] {
  const format = findFormat(path);
  return format === undefined ? [] : [format.encoder];
}

/**
 * Whether a file's name says in which format it is to be written; to be asked before hours of fetching. Begins to load the format.
 * @throws `argument.invalid`
 */
export function requireFeatureFormat(path: string): void {
  // What cannot be loaded is told when it is needed.
  requireFormat(path)
    .load()
    .catch(() => undefined);
}

function requireFormat(path: string): Format {
  const format = findFormat(path);
  if (format !== undefined) return format;
  const endings = Object.keys(FORMATS).join(", ");
  throw new TilthError("argument.invalid", `expected a file that ends with ${endings}, got '${path}'`, {
    fields: { path },
  });
}

/**
 * A file to be made, in the format that its name ends with. Locked until it is finished or disposed.
 * @throws `argument.invalid` for another ending or for layers that cannot be tables, `store.locked`, `store.readOnly`; what the format throws
 */
export async function openFeatureWriter(path: string, options: FeatureFileOptions): Promise<FeatureWriter> {
  const format = requireFormat(path);
  checkLayers(options.layers);
  throwIfAborted(options.signal);
  const lock = WriteLock.acquire(path);
  try {
    const open = await format.load();
    return new OrderedWriter(path, unlocking(await open(path, options), lock), options.signal);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function unlocking(sink: FeatureSink, lock: WriteLock): FeatureSink {
  return {
    encoding: sink.encoding,
    append: (batch, signal) => sink.append(batch, signal),
    endLayers: async (layers, signal) => sink.endLayers?.(layers, signal),
    complete: (signal) => sink.complete(signal),
    close: async () => {
      try {
        await sink.close();
      } finally {
        lock.release();
      }
    },
  };
}

/** Of tables that have a meaning in SQLite, in a GeoPackage or to Tilth. */
const RESERVED = /^(sqlite|gpkg|rtree|tilth)_/i;

/** Names become those of tables and files. */
function checkLayers(layers: readonly FeatureLayer[]): void {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (!/^[a-z][a-z0-9_]*$/i.test(name) || RESERVED.test(name) || names.has(name.toLowerCase())) {
      const message = `expected layer names of letters, digits and '_' that differ from each other and do not begin with sqlite_, gpkg_, rtree_ or tilth_, got '${name}'`;
      throw new TilthError("argument.invalid", message, { fields: { layer: name } });
    }
    names.add(name.toLowerCase());
  }
}
