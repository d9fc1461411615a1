import { releaseMemory } from "../../core/index.ts";
import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { EncodedBatch, FeatureBatch } from "../../feature/index.ts";
import { assembleArea } from "../geometry/assemble_area.ts";
import type { UnitBox } from "../geometry/clip_lines.ts";
import { seaPolygons } from "../geometry/sea_polygons.ts";
import { Classifier } from "../tags/classifier.ts";
import { GEOMETRY } from "../tags/layer_plan.ts";
import { readContext } from "./build_context.ts";
import type { AreaGroup, AreaJob, OuterWay } from "./area_job.ts";
import { FeatureSink } from "./feature_sink.ts";
import { lineOf, type PackedLines } from "./packed_lines.ts";
import type { Finding } from "./report.ts";

export interface BuiltAreas {
  readonly batch: FeatureBatch | EncodedBatch;
  readonly findings: readonly Finding[];
}

/** On a thread: areas of relations. Lines are used up. @param context a `BuildContext` */
export async function buildAreas({ jobs, lines }: AreaGroup, context: string): Promise<Transferred<BuiltAreas>> {
  const { plan, encoding } = readContext(context);
  const sink = new FeatureSink(plan, []);
  const classifier = new Classifier(plan.layers, []);
  const findings: Finding[] = [];
  for (const { type, id, tagsText, theme, lines: range, incomplete, outers } of jobs) {
    const { polygons, problems, place } = assembleArea(linesOf(lines, range));
    const worst = polygons === null ? (incomplete ? "incomplete" : (problems.at(-1) ?? "empty")) : "repaired";
    if (problems.length > 0) findings.push({ type, id, problem: worst, place });
    else if (incomplete) findings.push({ type, id, problem: "incomplete", place });
    if (polygons === null) {
      for (const outer of outers) addOuter(outer, lineOf(lines, outer.line), sink, classifier);
      continue;
    }
    for (const rings of polygons) sink.addPolygon(rings);
    sink.addTexts(tagsOf(tagsText));
    sink.endFeature(classifier.layerOf(theme, GEOMETRY.polygon), "multiPolygon", { type, id });
  }
  releaseMemory([lines.units, lines.ends]);
  const { batch, buffers } = await sink.finish(encoding);
  return transferred({ batch, findings }, buffers);
}

function tagsOf(text: string): [string, string][] {
  return JSON.parse(text) as [string, string][];
}

function linesOf(lines: PackedLines, [from, to]: AreaJob["lines"]): Int32Array[] {
  return Array.from({ length: to - from }, (_, i) => lineOf(lines, from + i));
}

/** As if no relation had it: an area when it is closed, else a line. */
function addOuter(
  { id, tagsText, theme }: OuterWay,
  line: Int32Array,
  sink: FeatureSink,
  classifier: Classifier,
): void {
  const { polygons } = assembleArea([line]);
  if (polygons === null) {
    if (line.length < 4) return;
    sink.addRing(line, 0, line.length);
    sink.endPart();
  }
  for (const rings of polygons ?? []) sink.addPolygon(rings);
  sink.addTexts(tagsOf(tagsText));
  const layer = classifier.layerOf(theme, polygons === null ? GEOMETRY.line : GEOMETRY.polygon);
  sink.endFeature(layer, polygons === null ? "line" : "multiPolygon", { type: "way", id });
}

/** On a thread: the sea in each of the boxes, in units of 1e-7 degrees. */
export async function buildSea(
  coastlines: readonly Int32Array[],
  boxes: readonly UnitBox[],
  context: string,
): Promise<Transferred<BuiltAreas>> {
  const { plan, encoding } = readContext(context);
  const sink = new FeatureSink(plan, []);
  const classifier = new Classifier(plan.layers, []);
  const findings: Finding[] = [];
  for (const box of boxes) {
    const { polygons, problems, place } = seaPolygons(coastlines, box);
    if (problems.includes("open")) findings.push({ type: "way", id: 0, problem: "open", place });
    if (polygons === null) continue;
    for (const rings of polygons) sink.addPolygon(rings);
    sink.addTexts([["natural", "sea"]]);
    sink.endFeature(classifier.layerOf(plan.layers.seaTheme ?? 0, GEOMETRY.polygon), "multiPolygon", null);
  }
  const { batch, buffers } = await sink.finish(encoding);
  return transferred({ batch, findings }, buffers);
}
