import { rm } from "node:fs/promises";
import { workerModuleUrl, workerTask, type WorkerPool } from "../../concurrency/index.ts";
import { type Column, Float64Column, Uint32Column } from "../../core/index.ts";
import type { Bbox } from "../../geo/index.ts";
import type { SrsRow } from "../../geopackage/index.ts";
import { BoxMemory } from "../box_memory.ts";
import type { EncodedTarget } from "../encoded_sink.ts";
import type { FeatureFileSummary, LayerSummary } from "../feature_writer.ts";
import type { LayerTally } from "../layer_tally.ts";
import { PartFile, partPath, placeFiles } from "../part_file.ts";
import type { TableSpec } from "../table_spec.ts";
import type * as thread from "./assemble_file.ts";
import type { EncodedFlatgeobuf } from "./encode_flatgeobuf.ts";
import { fileHead } from "./header.ts";
import { NODE_SIZE } from "./packed_index.ts";

const assembleTask = workerTask<typeof thread.assembleFile>({
  module: workerModuleUrl("./assemble_file", import.meta.url),
  name: "assembleFile",
});

export interface FlatgeobufPlan {
  readonly tables: readonly TableSpec[];
  /** Of each table. */
  readonly paths: readonly string[];
  readonly srs: SrsRow;
  readonly metadata: string;
  /** @default 2,000,000 */
  readonly maxBoxes: number | undefined;
}

/** Features of a layer as they came; the head and the index are known only at the end. */
const featuresPath = (path: string): string => `${partPath(path)}.features`;

/** One file of features for each layer, from which the files are made at the end. */
export class FlatgeobufTarget implements EncodedTarget<EncodedFlatgeobuf> {
  readonly #plan: FlatgeobufPlan;
  readonly #files: readonly PartFile[];
  readonly #boxes: BoxMemory<Float64Array<ArrayBuffer>>;
  readonly #sizes: readonly Column<Uint32Array<ArrayBuffer>>[];

  private constructor(plan: FlatgeobufPlan, files: readonly PartFile[]) {
    this.#plan = plan;
    this.#files = files;
    this.#boxes = new BoxMemory(files.length, Float64Column, { maxBoxes: plan.maxBoxes });
    this.#sizes = files.map(() => new Uint32Column(64));
  }

  static async open(plan: FlatgeobufPlan): Promise<FlatgeobufTarget> {
    const files: PartFile[] = [];
    try {
      for (const path of plan.paths) files.push(await PartFile.open(featuresPath(path)));
    } catch (error) {
      for (const file of files) await file.remove();
      throw error;
    }
    return new FlatgeobufTarget(plan, files);
  }

  async add({ layers }: EncodedFlatgeobuf): Promise<void> {
    for (const { layer, bytes, sizes, boxes } of layers) {
      await this.#files[layer]?.append(bytes);
      this.#boxes.push(layer, boxes);
      if (this.#boxes.has(layer)) for (const size of sizes) this.#sizes[layer]?.push(size);
      else this.#sizes[layer]?.cut(0);
    }
  }

  async complete(tally: LayerTally, pool: WorkerPool, signal: AbortSignal | undefined): Promise<FeatureFileSummary> {
    const layers: LayerSummary[] = [];
    for (const [index, summary] of tally.summarize(this.#plan.tables).entries())
      layers.push(await this.#assemble(index, summary, pool, signal));
    const { paths } = this.#plan;
    // A single layer has its file even when nothing is in it.
    const isWritten = (index: number): boolean => (layers[index]?.count ?? 0) > 0 || paths.length === 1;
    await placeFiles(
      paths.filter((_path, i) => isWritten(i)).map((to) => ({ from: partPath(to), to })),
      paths.filter((_path, i) => !isWritten(i)),
      signal,
    );
    return { layers, unprojectable: tally.unprojectable };
  }

  async close(): Promise<void> {
    this.#boxes[Symbol.dispose]();
    for (const file of this.#files) await file.remove();
    for (const path of this.#plan.paths) await rm(partPath(path), { force: true });
  }

  async #assemble(
    layer: number,
    summary: LayerSummary,
    pool: WorkerPool,
    signal: AbortSignal | undefined,
  ): Promise<LayerSummary> {
    const { tables, paths, srs, metadata } = this.#plan;
    const [table, path, file] = [tables[layer], paths[layer], this.#files[layer]];
    if (table === undefined || path === undefined || file === undefined) return summary;
    await file.close();
    if (summary.count === 0 && paths.length > 1) return summary;
    const index = this.#takeIndex(layer, summary.bbox);
    const head = fileHead({ table, summary, srs, nodeSize: index === null ? 0 : NODE_SIZE, metadata });
    const buffers = index === null ? [] : [index.boxes.buffer, index.sizes.buffer];
    const options = { from: file.path, to: partPath(path), head, index };
    await pool.run(assembleTask, [options], { signal, transfer: buffers });
    await file.remove();
    return summary.count > 0 && index === null ? { ...summary, isIndexed: false } : summary;
  }

  #takeIndex(layer: number, bbox: Bbox | null) {
    const boxes = bbox === null ? null : this.#boxes.take(layer);
    const sizes = this.#sizes[layer]?.take();
    return boxes === null || bbox === null || sizes === undefined ? null : { boxes, sizes, bbox };
  }
}
