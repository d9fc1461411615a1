import { releaseMemory } from "../../core/index.ts";
import { transferred, type Transferred } from "../../concurrency/index.ts";
import type { EncodedBatch, FeatureBatch } from "../../feature/index.ts";
import { assembleArea, type Area } from "../geometry/assemble_area.ts";
import type { UnitBox } from "../geometry/clip_lines.ts";
import { seaPolygons } from "../geometry/sea_polygons.ts";
import { UNITS_PER_DEGREE } from "../osm_block.ts";
import { Classifier } from "../tags/classifier.ts";
import { isSignificant } from "../tags/tag_filter.ts";
import { GEOMETRY } from "../tags/layer_plan.ts";
import { readContext } from "./build_context.ts";
import type { AreaGroup, AreaJob, OuterWay } from "./area_job.ts";
import { FeatureSink } from "./feature_sink.ts";
import { lineOf, type PackedLines } from "./packed_lines.ts";
import { problemOf, type Finding } from "./report.ts";

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
    const unmade = incomplete ? "incomplete" : isMixed(outers, lines) ? "mixedTags" : null;
    const area = unmade === null ? assembleArea(linesOf(lines, range)) : unknownArea(lines, range);
    const { polygons, place } = area;
    const problem = unmade ?? problemOf(area);
    if (problem !== null) findings.push({ type, id, problem, place });
    if (polygons === null) {
      for (const outer of outers)
        if (outer.theme !== null) addOuter(outer, outer.theme, lineOf(lines, outer.line), sink, classifier);
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

/** Whether outer ways are rings of different things: then none of them says what the relation is. */
function isMixed(outers: readonly OuterWay[], lines: PackedLines): boolean {
  const kinds = new Set(outers.map(({ tagsText }) => JSON.stringify(significantOf(tagsText))));
  return kinds.size > 1 && outers.every(({ line }) => isClosed(lineOf(lines, line)));
}

function significantOf(tagsText: string): string[] {
  return tagsOf(tagsText)
    .filter(([key]) => isSignificant(key))
    .map(([key, value]) => `${key}=${value}`)
    .toSorted();
}

function isClosed(line: Int32Array): boolean {
  return line.length >= 8 && line[0] === line.at(-2) && line[1] === line.at(-1);
}

/** What is there of its rings may be its holes alone. */
function unknownArea(lines: PackedLines, [from, to]: AreaJob["lines"]): Area {
  const [x, y] = from < to ? lineOf(lines, from) : [];
  const place = x === undefined || y === undefined ? null : ([x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE] as const);
  return { polygons: null, problems: [], place };
}

function tagsOf(text: string): [string, string][] {
  return JSON.parse(text) as [string, string][];
}

function linesOf(lines: PackedLines, [from, to]: AreaJob["lines"]): Int32Array[] {
  return Array.from({ length: to - from }, (_, i) => lineOf(lines, from + i));
}

/** As if no relation had it: an area when it is closed, else a line. */
function addOuter(
  { id, tagsText }: OuterWay,
  theme: number,
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
