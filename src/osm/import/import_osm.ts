import { throwIfAborted, TilthError, type Clock } from "../../core/index.ts";
import { polygonBounds } from "../../geo/index.ts";
import type { UnitBox } from "../geometry/clip_lines.ts";
import { UNITS_PER_DEGREE } from "../osm_block.ts";
import { inOrder, type WorkerPool } from "../../concurrency/index.ts";
import {
  batchBuffers,
  isEncoded,
  type EncodedBatch,
  type FeatureBatch,
  type FeatureFileSummary,
  type FeatureLayer,
  type FeatureWriter,
} from "../../feature/index.ts";
import type { OsmInput } from "../input/osm_input.ts";
import { describeLayers } from "../tags/layer_plan.ts";
import { areaJobs } from "./area_jobs.ts";
import { areaWaysOf, type AreaWays } from "./area_ways.ts";
import type { BuiltPart } from "./build_features.ts";
import type { MemberWays } from "./member_ways.ts";
import type { FeaturePlan, WantedArea } from "./feature_plan.ts";
import { lookThrough, type FirstLook } from "./first_look.ts";
import { ImportThreads } from "./import_threads.ts";
import { MemberStore } from "./member_store.ts";
import { packContext } from "./build_context.ts";
import { partBuffers, type OsmPart } from "./osm_part.ts";
import type { Finding } from "./report.ts";
import type { ScannedRelation } from "./scanned_relation.ts";
import { tasks } from "./tasks.ts";
import { WaitingWork } from "./waiting_work.ts";

export interface ImportOptions {
  readonly input: OsmInput;
  readonly plan: FeaturePlan;
  /** Called once, when it is known which layers there are and which columns are worth having. */
  readonly openWriter: (layers: readonly FeatureLayer[]) => Promise<FeatureWriter>;
  /** How many, or those that are there. @default one for each core */
  readonly threads?: number | ImportThreads;
  /** For the places of nodes, 16 bytes each; of an input in order past 2 MiB the others go to a file among the system's temporary ones. @default 256 MiB */
  readonly maxLocationBytes?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface ImportProgress {
  readonly phase: "reading" | "features" | "areas" | "finishing";
  readonly nodes: number;
  readonly ways: number;
  readonly relations: number;
  readonly features: number;
}

export interface ImportReport {
  /** Objects in the input. */
  readonly nodes: number;
  readonly ways: number;
  readonly relations: number;
  readonly features: FeatureFileSummary;
  /** Nodes whose place is not in the input, of ways that are wanted or that areas need. */
  readonly missingNodes: number;
  /** How often each problem was found. */
  readonly problems: Readonly<Record<string, number>>;
  /** The first thousand. */
  readonly findings: readonly Finding[];
}

const LOCATION_BYTES = 256 * 1024 * 1024;
/** Of nodes by ascending id, as they are in nearly every file: those behind 131,072 are looked up in a file. */
const SORTED_LOCATION_BYTES = 2 * 1024 * 1024;
const MAX_FINDINGS = 1000;
/** Of areas that are not written yet: some thirty batches, if they are small. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * OpenStreetMap data to features: looks through the input for places of nodes, relations and the use of keys; then makes points and ways of each part;
 * then areas of relations. Memory holds the places of nodes, 16 bytes each, members of areas, and what threads work on.
 * @throws `osm.*`, `store.*`, `cancelled`
 */
export async function importOsm(options: ImportOptions): Promise<ImportReport> {
  const { threads, clock } = options;
  if (threads instanceof ImportThreads) return await new ImportRun(options, threads).run();
  await using own = new ImportThreads(threads, clock);
  return await new ImportRun(options, own).run();
}

class ImportRun {
  readonly #options: ImportOptions;
  readonly #pool: WorkerPool;
  readonly #ahead: number;
  readonly #members = new MemberStore();
  readonly #coastlines: Int32Array[] = [];
  readonly #counts = { nodes: 0, ways: 0, relations: 0, features: 0 };
  readonly #problems: Record<string, number> = {};
  readonly #findings: Finding[] = [];
  #missingNodes = 0;
  #phase: ImportProgress["phase"] = "reading";

  constructor(options: ImportOptions, { pool, count }: ImportThreads) {
    this.#options = options;
    this.#pool = pool;
    this.#ahead = 2 * count;
  }

  async run(): Promise<ImportReport> {
    const { plan, openWriter, signal } = this.#options;
    if (plan.layers.seaTheme !== null) boxesOf(plan.area);
    using _members = this.#members;
    using look = await this.#lookThrough();
    const { relations, use } = look;
    const layers = describeLayers(plan.layers, use.keys, use.counts);
    await using writer = await openWriter(layers);
    const areaWays = areaWaysOf(relations, relations.memberCount);
    this.#phase = "features";
    await this.#buildFeatures(writer, look, areaWays);
    this.#phase = "areas";
    const ended = writer.endLayers(endedLayers(layers, areaWays), { signal });
    // Either stops soon after the other has failed, and nothing is closed before.
    const [endOfLayers, areas] = await Promise.allSettled([ended, this.#buildAreas(writer, relations)]);
    for (const outcome of [endOfLayers, areas]) if (outcome.status === "rejected") throw outcome.reason;
    await this.#buildSea(writer);
    this.#phase = "finishing";
    this.#tell();
    const features = await writer.finish({ signal });
    const { nodes, ways, relations: count } = this.#counts;
    return {
      nodes,
      ways,
      relations: count,
      features,
      missingNodes: this.#missingNodes + this.#members.missingNodes,
      problems: this.#problems,
      findings: this.#findings,
    };
  }

  #lookThrough(): Promise<FirstLook> {
    const { input, plan, signal, maxLocationBytes: maxBytes = LOCATION_BYTES } = this.#options;
    return lookThrough({
      input,
      layers: plan.layers,
      pool: this.#pool,
      ahead: this.#ahead,
      locations: { maxBytes, maxSortedBytes: SORTED_LOCATION_BYTES },
      onCounts: (counts) => {
        Object.assign(this.#counts, counts);
        this.#tell();
      },
      signal,
    });
  }

  async #buildFeatures(writer: FeatureWriter, look: FirstLook, areaWays: AreaWays): Promise<void> {
    const { input, plan, signal } = this.#options;
    const locations = look.locations.finish();
    const context = packContext({ plan, encoding: writer.encoding });
    const build = (part: OsmPart): Promise<BuiltPart> =>
      this.#pool.run(tasks.buildFeatures, [{ part, context, locations, areaWays }], {
        signal,
        transfer: partBuffers(part),
      });
    for await (const built of inOrder(look.partsAgain(input, signal), this.#ahead, build, signal)) {
      this.#members.add(built.members);
      this.#coastlines.push(...linesOf(built.coastlines));
      this.#missingNodes += built.missingNodes;
      await this.#take(writer, built);
    }
  }

  async #buildAreas(writer: FeatureWriter, relations: Iterable<ScannedRelation>): Promise<void> {
    const { plan, signal } = this.#options;
    // The writer makes indexes meanwhile: areas wait for it, not threads for them to be written.
    const waiting = new WaitingWork(MAX_WAITING_BYTES);
    const context = packContext({ plan, encoding: writer.encoding });
    const groups = areaJobs(relations, this.#members, plan);
    for await (const built of inOrder(
      groups,
      this.#ahead,
      (group) =>
        this.#pool.run(tasks.buildAreas, [group, context], {
          signal,
          transfer: [group.lines.units.buffer, group.lines.ends.buffer],
        }),
      signal,
    ))
      await waiting.add(bytesOf(built.batch), () => this.#take(writer, built));
    await waiting.end();
  }

  async #buildSea(writer: FeatureWriter): Promise<void> {
    const { plan, signal } = this.#options;
    if (plan.layers.seaTheme === null) return;
    const context = packContext({ plan, encoding: writer.encoding });
    await this.#take(
      writer,
      await this.#pool.run(tasks.buildSea, [this.#coastlines, boxesOf(plan.area), context], { signal }),
    );
  }

  async #take(writer: FeatureWriter, { batch, findings }: Pick<BuiltPart, "batch" | "findings">): Promise<void> {
    const { signal } = this.#options;
    throwIfAborted(signal);
    for (const finding of findings) this.#note(finding);
    this.#counts.features += batch.count;
    if (batch.count > 0) await writer.write(batch, { signal });
    this.#tell();
  }

  #note(finding: Finding): void {
    this.#problems[finding.problem] = (this.#problems[finding.problem] ?? 0) + 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
  }

  #tell(): void {
    this.#options.onProgress?.({ phase: this.#phase, ...this.#counts });
  }
}

/** Layers that areas add nothing to: that of lines neither, unless ways come back whose relation is no area. */
function endedLayers(layers: readonly FeatureLayer[], { withheld }: AreaWays): number[] {
  const isEnded = ({ geometry }: FeatureLayer): boolean =>
    geometry === "point" || (geometry === "line" && withheld.length === 0);
  return layers.flatMap((layer, i) => (isEnded(layer) ? [i] : []));
}

function bytesOf(batch: FeatureBatch | EncodedBatch): number {
  const buffers = isEncoded(batch) ? batch.buffers : batchBuffers(batch);
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function linesOf({ ends, units }: MemberWays): Int32Array[] {
  return Array.from(ends, (end, i) => units.slice(i === 0 ? 0 : ends[i - 1], end));
}

/** Of the area; around its polygons. @throws `argument.invalid` without an area: nobody knows where the sea would end */
function boxesOf(area: WantedArea): UnitBox[] {
  if (area === null)
    throw new TilthError("argument.invalid", "expected an area for the sea: --bbox W,S,E,N or --coverage FILE.geojson");
  const boxes = "boxes" in area ? area.boxes : area.polygons.map(polygonBounds);
  return boxes.map((box) => box.map((value) => Math.round(value * UNITS_PER_DEGREE)) as unknown as UnitBox);
}
