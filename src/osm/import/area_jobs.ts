import { Float64Column } from "../../core/index.ts";
import { planFinder } from "../tags/text_classifier.ts";
import type { AreaJob, OuterWay } from "./build_areas.ts";
import type { ClipStrategy, FeaturePlan } from "./feature_plan.ts";
import type { MemberStore, MemberWay } from "./member_store.ts";
import type { ScannedRelation } from "./scan_part.ts";
import { WayFilter } from "./way_filter.ts";

/** Values of lines that one call of a thread gets at the least; the largest relation of the planet has 2.6 million. */
const GROUP_VALUES = 50_000;

/** Ways that areas need. */
export interface AreaWays {
  /** Whose lines are needed, and a few more: the bits of a `WayFilter`. */
  readonly members: WayFilter["bits"];
  /** Whose tags may be a relation's, ascending, on memory that threads share: until about 2014 tags of multipolygons stood on their ways, today on one in a thousand. */
  readonly withheld: Float64Array;
}

/** @param count members of all relations */
export function areaWaysOf(relations: Iterable<ScannedRelation>, count: number): AreaWays {
  const members = WayFilter.forCount(count);
  const withheld = new Float64Column();
  for (const { memberWays, isOuter, theme } of relations)
    for (let i = 0; i < memberWays.length; i++) {
      const way = memberWays[i] as number;
      members.add(way);
      if (theme === null && isOuter[i] === 1) withheld.push(way);
    }
  return { members: members.bits, withheld: sharedSorted(withheld.take()) };
}

/** Each once. Sorted first: a set takes five times as long. */
function sharedSorted(ids: Float64Array): Float64Array {
  ids.sort();
  let count = 0;
  for (let i = 0; i < ids.length; i++) if (i === 0 || ids[i] !== ids[i - 1]) ids[count++] = ids[i] as number;
  const sorted = new Float64Array(new SharedArrayBuffer(count * 8));
  sorted.set(ids.subarray(0, count));
  return sorted;
}

/** Areas for one call of a thread. */
export interface AreaGroup {
  readonly jobs: readonly AreaJob[];
  /** Of their lines: to be handed over. */
  readonly buffer: ArrayBuffer;
}

/** Areas with their lines, some at a time. */
export async function* areaJobs(
  relations: Iterable<ScannedRelation>,
  members: MemberStore,
  { layers, clip = "smart" }: FeaturePlan,
): AsyncGenerator<AreaGroup> {
  const findTheme = planFinder(layers);
  let group: AreaJob[] = [];
  let values = 0;
  for (const relation of relations)
    for (const job of jobsOf(relation, (id) => findMember(members, id, clip), findTheme)) {
      group.push(job);
      values += job.lines.reduce((sum, { length }) => sum + length, 1000);
      if (values < GROUP_VALUES) continue;
      yield packLines(group);
      [group, values] = [[], 0];
    }
  if (group.length > 0) yield packLines(group);
}

/** In one piece of memory: as thousands of arrays they took 1 ms for each group on either side of the border. */
function packLines(jobs: readonly AreaJob[]): AreaGroup {
  let end = 0;
  for (const { lines } of jobs) for (const { length } of lines) end += length;
  const units = new Int32Array(end);
  const move = (line: Int32Array): Int32Array => {
    end -= line.length;
    units.set(line, end);
    return units.subarray(end, end + line.length);
  };
  return { jobs: jobs.map((job) => ({ ...job, lines: job.lines.map(move) })), buffer: units.buffer };
}

/** Unless areas are wanted whole, what lies outside is as if it were not in the input. */
function findMember(members: MemberStore, id: number, clip: ClipStrategy): MemberWay | null {
  const way = members.find(id);
  return clip === "smart" || way === null || way.touches ? way : null;
}

function* jobsOf(
  relation: ScannedRelation,
  find: (id: number) => MemberWay | null,
  findTheme: (tags: AreaJob["tags"]) => number | null,
): Generator<AreaJob> {
  const { id, memberWays } = relation;
  const ways = [...memberWays].map(find);
  const found = ways.filter((way) => way !== null);
  if (!found.some(({ touches }) => touches)) return;
  const incomplete = found.length < ways.length;
  const lines = found.map(({ line }) => line);
  const outers = relation.theme === null ? outersOf(relation, ways, findTheme) : [];
  const tags = outers[0]?.tags ?? (JSON.parse(relation.tagsText) as AreaJob["tags"]);
  const theme = outers[0]?.theme ?? relation.theme;
  if (theme !== null) yield { type: "relation", id, tags, theme, lines, incomplete, outers };
}

/** Outer ways with tags that are wanted: the first one's are the area's. */
function outersOf(
  { memberWays, isOuter }: ScannedRelation,
  ways: readonly (MemberWay | null)[],
  findTheme: (tags: AreaJob["tags"]) => number | null,
): OuterWay[] {
  return ways.flatMap((way, i) => {
    if (way === null || isOuter[i] !== 1) return [];
    const tags = pairsOf(way.tags);
    const theme = findTheme(tags);
    return theme === null ? [] : [{ id: memberWays[i] as number, tags, theme, line: way.line.slice() }];
  });
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i] as string, texts[2 * i + 1] as string]);
}
