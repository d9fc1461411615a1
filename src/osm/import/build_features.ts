import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { BatchEncoding, EncodedBatch, FeatureBatch } from "../../feature/index.ts";
import { isSimpleRing } from "../geometry/simple_ring.ts";
import { assembleArea } from "../geometry/assemble_area.ts";
import { LocationView, type LocationTableView } from "../locations/location_view.ts";
import { NO_PLACE, startOf, type OsmBlock } from "../osm_block.ts";
import { Classifier } from "../tags/classifier.ts";
import { GEOMETRY } from "../tags/layer_plan.ts";
import type { AreaWays } from "./area_ways.ts";
import type { AreaFilter } from "./area_filter.ts";
import { areaFilter } from "./area_filter.ts";
import { readContext } from "./build_context.ts";
import { FeatureSink, type PackedBatch } from "./feature_sink.ts";
import type { FeaturePlan } from "./feature_plan.ts";
import { closePart, openPart, type OsmPart } from "./osm_part.ts";
import { problemOf, type Finding } from "./report.ts";
import { LineCollector, REACH, type MemberWays, type Reach } from "./member_ways.ts";
import { isAreaWay } from "./scan_part.ts";
import { WayFilter } from "./way_filter.ts";

export interface BuildCall {
  readonly part: OsmPart;
  /** A `BuildContext`. */
  readonly context: string;
  readonly locations: LocationTableView;
  readonly areaWays: AreaWays;
}

export interface BuiltPart {
  readonly batch: FeatureBatch | EncodedBatch;
  readonly members: MemberWays;
  readonly coastlines: MemberWays;
  readonly findings: readonly Finding[];
  /** Nodes of ways that are wanted whose place is not in the input. */
  readonly missingNodes: number;
}

/** On a thread: points and ways of one part. */
export async function buildFeatures(call: BuildCall): Promise<Transferred<BuiltPart>> {
  const { plan, encoding } = readContext(call.context);
  const block = openPart(call.part, { relations: false });
  const builder = new PartBuilder(block, call, plan);
  builder.addPoints();
  builder.addWays();
  const { batch, buffers } = await builder.finishBatch(encoding);
  const built: BuiltPart = { batch, ...builder.finish() };
  closePart(call.part, block);
  const lines = [built.members, built.coastlines].flatMap(({ ids, ends, units, reaches, gaps, missingNodes }) => [
    ids,
    ends,
    units,
    reaches,
    gaps,
    missingNodes,
  ]);
  return transferred(built, [...buffers, ...lines.map(({ buffer }) => buffer)]);
}

class PartBuilder {
  readonly #block: OsmBlock;
  readonly #call: BuildCall;
  readonly #plan: FeaturePlan;
  readonly #classifier: Classifier;
  readonly #locations: LocationView;
  readonly #area: AreaFilter;
  readonly #sink: FeatureSink;
  readonly #memberFilter: WayFilter;
  readonly #members = new LineCollector();
  readonly #coastlines = new LineCollector();
  readonly #findings: Finding[] = [];
  readonly #isSimple: boolean;
  #line = new Int32Array(4096);
  #missingNodes = 0;

  constructor(block: OsmBlock, call: BuildCall, plan: FeaturePlan) {
    this.#block = block;
    this.#call = call;
    this.#plan = plan;
    this.#classifier = new Classifier(plan.layers, block.strings);
    this.#locations = new LocationView(call.locations);
    this.#area = areaFilter(plan.area);
    this.#sink = new FeatureSink(plan, block.strings);
    this.#memberFilter = new WayFilter(call.areaWays.members);
    this.#isSimple = plan.clip === "simple" && plan.area !== null;
  }

  addPoints(): void {
    const { nodes } = this.#block;
    for (let i = 0; i < nodes.count; i++) {
      const from = startOf(nodes.tagEnds, i);
      const to = nodes.tagEnds[i] as number;
      const theme = from === to ? null : this.#classifier.findTheme(nodes.tags, from, to);
      if (theme === null) continue;
      if (nodes.lons[i] === NO_PLACE) {
        this.#findings.push({ type: "node", id: nodes.ids[i] as number, problem: "noPlace", place: null });
        continue;
      }
      if (!this.#area.holds(nodes.lons[i] as number, nodes.lats[i] as number)) continue;
      this.#sink.addPosition(nodes.lons[i] as number, nodes.lats[i] as number);
      this.#sink.endRing();
      this.#sink.endPart();
      this.#sink.addTags(nodes.tags, from, to);
      this.#sink.endFeature(this.#classifier.layerOf(theme, GEOMETRY.point), "point", {
        type: "node",
        id: nodes.ids[i] as number,
      });
    }
  }

  addWays(): void {
    const { ways, strings } = this.#block;
    const coastline =
      this.#plan.layers.seaTheme !== null ? [strings.indexOf("natural"), strings.indexOf("coastline")] : [-1, -1];
    for (let i = 0; i < ways.count; i++) {
      const id = ways.ids[i] as number;
      const from = startOf(ways.tagEnds, i);
      const to = ways.tagEnds[i] as number;
      const isMember = this.#memberFilter.has(id);
      const isCoast =
        coastline[1] !== -1 && hasTag(ways.tags, from, to, coastline[0] as number, coastline[1] as number);
      const theme = from === to ? null : this.#classifier.findTheme(ways.tags, from, to);
      if (theme === null && !isMember && !isCoast) continue;
      const length = this.#locate(i);
      const missing = this.#countRefs(i) - length / 2;
      if (theme !== null) this.#missingNodes += missing;
      const reach = this.#reachOf(length);
      // A street that goes round an area without tags is none of that area.
      const withheld =
        isMember && this.#classifier.isArea(ways.tags, from, to) && includes(this.#call.areaWays.withheld, id);
      const way = { id, length, reach, hasGap: missing > 0, missingNodes: theme === null ? missing : 0 };
      if (isMember) this.#members.add(this.#line, { ...way, tags: withheld ? this.#textsOf(from, to) : [] });
      if (isCoast) this.#coastlines.add(this.#line, { ...way, tags: [] });
      if (theme === null || (withheld && reach === REACH.kept)) continue;
      if (reach === REACH.partly) {
        this.#addParts(i, theme, length);
        continue;
      }
      if (reach === REACH.kept || length === 0) this.#tellMissing(id, length, missing);
      if (reach === REACH.kept) this.#addWay(i, theme, length);
    }
  }

  /** Of a way that has lost corners, or has none: where it would lie is not known then. */
  #tellMissing(id: number, length: number, missing: number): void {
    if (missing > 0) this.#tell(id, "incomplete", this.#line, length);
    else if (length === 0) this.#tell(id, "noPlace", this.#line, length);
  }

  finishBatch(encoding: BatchEncoding | null): Promise<PackedBatch> {
    return this.#sink.finish(encoding);
  }

  finish(): Omit<BuiltPart, "batch"> {
    return {
      members: this.#members.finish(),
      coastlines: this.#coastlines.finish(),
      findings: this.#findings,
      missingNodes: this.#missingNodes,
    };
  }

  /** Puts the places of way `i` into the line: those that stand with it, else those of its nodes. @returns values in it; nodes without a place are left out */
  #locate(i: number): number {
    const { refs, refEnds, lons, lats } = this.#block.ways;
    const from = startOf(refEnds, i);
    const to = refEnds[i] as number;
    const isPlaced = lons.length > 0;
    if (this.#line.length < 2 * (to - from)) this.#line = new Int32Array(4 * (to - from));
    const line = this.#line;
    let length = 0;
    for (let at = from; at < to; at++) {
      if (isPlaced && lons[at] !== NO_PLACE) {
        line[length++] = lons[at] as number;
        line[length++] = lats[at] as number;
      } else if (this.#locations.find(refs[at] as number)) {
        line[length++] = this.#locations.x;
        line[length++] = this.#locations.y;
      }
    }
    return length;
  }

  #countRefs(i: number): number {
    const { refEnds } = this.#block.ways;
    return (refEnds[i] as number) - startOf(refEnds, i);
  }

  #addWay(i: number, theme: number, length: number): void {
    const { ways } = this.#block;
    const id = ways.ids[i] as number;
    const from = startOf(ways.tagEnds, i);
    const to = ways.tagEnds[i] as number;
    const isArea = isAreaWay(this.#block, i, this.#classifier);
    const isAdded = isArea ? this.#addPolygon(id, length) : this.#addLine(id, length);
    if (!isAdded) return;
    this.#sink.addTags(ways.tags, from, to);
    const layer = this.#classifier.layerOf(theme, isArea ? GEOMETRY.polygon : GEOMETRY.line);
    this.#sink.endFeature(layer, isArea ? "multiPolygon" : "line", { type: "way", id });
  }

  #reachOf(length: number): Reach {
    if (!this.#area.touches(this.#line, length)) return REACH.outside;
    return !this.#isSimple || this.#holdsAll(length) ? REACH.kept : REACH.partly;
  }

  #holdsAll(length: number): boolean {
    for (let i = 0; i < length; i += 2)
      if (!this.#area.holds(this.#line[i] as number, this.#line[i + 1] as number)) return false;
    return true;
  }

  /** Of a line that leaves the area: the runs of places within, each a feature. Of what it cuts through, an area is told. */
  #addParts(i: number, theme: number, length: number): void {
    const { ways } = this.#block;
    const id = ways.ids[i] as number;
    if (isAreaWay(this.#block, i, this.#classifier)) return void this.#tell(id, "incomplete", this.#line, length);
    for (const [from, to] of runsWithin(this.#line, length, this.#area)) {
      this.#sink.addRing(this.#line, from, to);
      this.#sink.endPart();
      this.#sink.addTags(ways.tags, startOf(ways.tagEnds, i), ways.tagEnds[i] as number);
      this.#sink.endFeature(this.#classifier.layerOf(theme, GEOMETRY.line), "line", { type: "way", id });
    }
  }

  #addLine(id: number, length: number): boolean {
    const clean = dropRepeats(this.#line, length);
    if (clean < 4) return this.#tell(id, "tooShort", this.#line, length);
    this.#sink.addRing(this.#line, 0, clean);
    this.#sink.endPart();
    return true;
  }

  #addPolygon(id: number, length: number): boolean {
    const clean = dropRepeats(this.#line, length);
    const isClosed = this.#line[0] === this.#line[clean - 2] && this.#line[1] === this.#line[clean - 1];
    if (clean >= 8 && isClosed && isSimpleRing(this.#line, 0, clean)) {
      this.#sink.addOuterRing(this.#line, 0, clean);
      this.#sink.endPart();
      return true;
    }
    const area = assembleArea([this.#line.subarray(0, clean)]);
    const { polygons, place } = area;
    this.#findings.push({ type: "way", id, problem: problemOf(area) ?? "repaired", place });
    for (const rings of polygons ?? []) this.#sink.addPolygon(rings);
    return polygons !== null;
  }

  #tell(id: number, problem: Finding["problem"], line: Int32Array, length: number): false {
    const place = length >= 2 ? ([(line[0] as number) / 1e7, (line[1] as number) / 1e7] as const) : null;
    this.#findings.push({ type: "way", id, problem, place });
    return false;
  }

  #textsOf(from: number, to: number): string[] {
    return [...this.#block.ways.tags.subarray(from, to)].map((index) => this.#block.strings[index] as string);
  }
}

/** Values of a line from and to which two places or more lie within. */
function runsWithin(line: Int32Array, length: number, area: AreaFilter): [from: number, to: number][] {
  const runs: [number, number][] = [];
  let from = 0;
  for (let i = 0; i <= length; i += 2) {
    if (i < length && area.holds(line[i] as number, line[i + 1] as number)) continue;
    if (i - from >= 4) runs.push([from, i]);
    from = i + 2;
  }
  return runs;
}

/** Takes out positions that repeat the one before. @returns values that are left */
function dropRepeats(line: Int32Array, length: number): number {
  let to = Math.min(length, 2);
  for (let from = 2; from < length; from += 2) {
    const x = line[from] as number;
    const y = line[from + 1] as number;
    if (x === line[to - 2] && y === line[to - 1]) continue;
    line[to++] = x;
    line[to++] = y;
  }
  return to;
}

function hasTag(tags: Uint32Array, from: number, to: number, key: number, value: number): boolean {
  for (let i = from; i < to; i += 2) if (tags[i] === key && tags[i + 1] === value) return true;
  return false;
}

/** Whether an ascending list has a number. */
function includes(sorted: Float64Array, id: number): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] as number;
    if (value === id) return true;
    if (value < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
