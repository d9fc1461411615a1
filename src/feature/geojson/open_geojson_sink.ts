import { workerModuleUrl, workerTask, type WorkerPool } from "../../concurrency/index.ts";
import { releaseMemory, TilthError } from "../../core/index.ts";
import type { Crs } from "../../crs/index.ts";
import { EncodedSink, type EncodedTarget } from "../encoded_sink.ts";
import type { FeatureFileOptions, FeatureFileSummary } from "../feature_writer.ts";
import type { LayerTally } from "../layer_tally.ts";
import type { FeatureSink } from "../ordered_writer.ts";
import { PartFile, partPath, placeFiles } from "../part_file.ts";
import { provenanceJson } from "../provenance_json.ts";
import type { encodeGeojson } from "./encode_geojson.ts";
import type { EncodedGeojson } from "./encoded_geojson.ts";
import { FEATURE_HEAD } from "./geometry_json.ts";

/** `collection`: one document. `lines`: a feature a line. `sequence`: the same with the record separators of RFC 8142. */
export type GeojsonForm = "collection" | "lines" | "sequence";

const encodeTask = workerTask<typeof encodeGeojson>({
  module: workerModuleUrl("./encode_geojson", import.meta.url),
  name: "encodeGeojson",
});

const RECORD_SEPARATOR = "\u001e";

/** What stands around features. */
const FORMS = {
  collection: { before: "", between: ",\n", end: "" },
  lines: { before: "", between: "\n", end: "\n" },
  sequence: { before: RECORD_SEPARATOR, between: "\n", end: "\n" },
} as const;

/**
 * Features as GeoJSON (RFC 7946), in lon/lat. The caller has locked the path.
 * @throws `crs.unsupported` for a file in another system, `store.readOnly`, `store.full`, `store.io`
 */
export async function openGeojsonSink(
  path: string,
  options: FeatureFileOptions,
  form: GeojsonForm,
): Promise<FeatureSink> {
  if (options.crs !== undefined) expectLonLat(options.crs);
  const { layers } = options;
  const { before, between } = FORMS[form];
  const target = new GeojsonTarget(path, await PartFile.open(partPath(path)), form, options);
  try {
    await target.begin();
  } catch (error) {
    await target.close();
    throw error;
  }
  const encoding = { layers, before, between, batchCrs: options.batchCrs?.definition };
  return new EncodedSink(encodeTask, encoding, target, layers);
}

/** EPSG:4326 as well: RFC 7946 says what the order of its axes is. */
function expectLonLat({ code }: Crs): void {
  if (code === "OGC:CRS84" || code === "EPSG:4326") return;
  const message = `expected lon/lat (OGC:CRS84) for GeoJSON, which knows nothing else, got ${code}; write a .gpkg or .fgb file, or leave the system out`;
  throw new TilthError("crs.unsupported", message, { fields: { crs: code } });
}

class GeojsonTarget implements EncodedTarget<EncodedGeojson> {
  readonly #path: string;
  readonly #file: PartFile;
  readonly #form: GeojsonForm;
  readonly #options: FeatureFileOptions;
  #isEmpty = true;
  #isPlaced = false;

  constructor(path: string, file: PartFile, form: GeojsonForm, options: FeatureFileOptions) {
    this.#path = path;
    this.#file = file;
    this.#form = form;
    this.#options = options;
  }

  async begin(): Promise<void> {
    if (this.#form !== "collection") return;
    await this.#file.append(`{"type":"FeatureCollection",${provenanceMembers(this.#options)},"features":[\n`);
  }

  async add({ chunks }: EncodedGeojson): Promise<void> {
    const { before, between, end } = FORMS[this.#form];
    const [first, ...rest] = chunks;
    if (first === undefined) return;
    if (!this.#isEmpty && this.#form === "collection") await this.#file.append(between);
    await this.#file.append(this.#isEmpty && this.#form !== "collection" ? this.#withProvenance(first, before) : first);
    this.#isEmpty = false;
    for (const chunk of rest) await this.#file.append(chunk);
    releaseMemory(chunks);
    if (end !== "") await this.#file.append(end);
  }

  async complete(tally: LayerTally, _pool: WorkerPool, signal: AbortSignal | undefined): Promise<FeatureFileSummary> {
    if (this.#form === "collection") await this.#file.append(this.#isEmpty ? "]}\n" : "\n]}\n");
    await this.#file.close();
    await placeFiles([{ from: this.#file.path, to: this.#path }], [], signal);
    this.#isPlaced = true;
    return { layers: tally.summarize(this.#options.layers), unprojectable: tally.unprojectable };
  }

  async close(): Promise<void> {
    if (!this.#isPlaced) await this.#file.remove();
  }

  /** Lines have no place but a feature for who must be named: the first one carries it. */
  #withProvenance(chunk: Uint8Array, before: string): Uint8Array {
    const head = Buffer.byteLength(before) + FEATURE_HEAD.length;
    const members = Buffer.from(`,${provenanceMembers(this.#options)}`);
    return Buffer.concat([chunk.subarray(0, head), members, chunk.subarray(head)]);
  }
}

/** Foreign members (RFC 7946, 6.1). */
function provenanceMembers(options: FeatureFileOptions): string {
  const { attribution, ...provenance } = provenanceJson(options);
  return `"attribution":${JSON.stringify(attribution)},"provenance":${JSON.stringify(provenance)}`;
}
