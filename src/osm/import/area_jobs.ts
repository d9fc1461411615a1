import { Uint32Column } from "../../core/index.ts";
import { planFinder } from "../tags/text_classifier.ts";
import type { AreaGroup, AreaJob, OuterWay } from "./area_job.ts";
import type { ClipStrategy, FeaturePlan } from "./feature_plan.ts";
import { REACH } from "./member_ways.ts";
import type { MemberStore } from "./member_store.ts";
import { LineColumns } from "./packed_lines.ts";
import type { ScannedRelation } from "./scanned_relation.ts";

/** Values of lines that one call of a thread gets at the least; the largest relation of the planet has 2.6 million. */
const GROUP_VALUES = 50_000;
/** What an area counts besides its lines. */
const JOB_VALUES = 1000;

/** Areas with their lines, some at a time. */
export async function* areaJobs(
  relations: Iterable<ScannedRelation>,
  members: MemberStore,
  { layers, clip = "smart" }: FeaturePlan,
): AsyncGenerator<AreaGroup> {
  const maker = new JobMaker(members, planFinder(layers), clip);
  let jobs: AreaJob[] = [];
  for (const relation of relations) {
    const job = maker.make(relation);
    if (job === null) continue;
    jobs.push(job);
    if (maker.lines.units.length + JOB_VALUES * jobs.length < GROUP_VALUES) continue;
    yield { jobs, lines: maker.lines.take() };
    jobs = [];
  }
  if (jobs.length > 0) yield { jobs, lines: maker.lines.take() };
}

type FindTheme = (tags: readonly (readonly [string, string])[]) => number | null;

class JobMaker {
  /** Of the jobs since they were taken. */
  readonly lines = new LineColumns();
  readonly #members: MemberStore;
  readonly #findTheme: FindTheme;
  readonly #clip: ClipStrategy;
  /** Ways of a relation that are there, and their places among its members. */
  readonly #ways = new Uint32Column();
  readonly #places = new Uint32Column();

  constructor(members: MemberStore, findTheme: FindTheme, clip: ClipStrategy) {
    this.#members = members;
    this.#findTheme = findTheme;
    this.#clip = clip;
  }

  /** Null when it is no area that is wanted. @throws `store.io` */
  make(relation: ScannedRelation): AreaJob | null {
    if (!this.#findWays(relation)) return null;
    const from = this.lines.count;
    const outers = relation.theme === null ? this.#outersOf(relation, from) : [];
    const theme = outers[0]?.theme ?? relation.theme;
    if (theme === null) return null;
    for (let i = 0; i < this.#ways.length; i++) this.#members.copyLine(this.#ways.at(i), this.lines);
    return {
      type: "relation",
      id: relation.id,
      tagsText: outers[0]?.tagsText ?? relation.tagsText,
      theme,
      lines: [from, this.lines.count],
      incomplete: this.#ways.length < relation.memberWays.length,
      outers,
    };
  }

  /** Unless areas are wanted whole, what lies outside is as if it were not in the input. @returns whether any touches the area that is wanted */
  #findWays({ memberWays }: ScannedRelation): boolean {
    this.#ways.cut(0);
    this.#places.cut(0);
    let touching = false;
    for (let i = 0; i < memberWays.length; i++) {
      const way = this.#members.find(memberWays[i] as number);
      const reach = way === null ? REACH.outside : this.#members.reach(way);
      touching ||= reach !== REACH.outside;
      if (way === null || (this.#clip !== "smart" && reach !== REACH.kept)) continue;
      this.#ways.push(way);
      this.#places.push(i);
    }
    return touching;
  }

  /** Outer ways with tags that are wanted: the first one's are the area's. @param first number of the relation's first line */
  #outersOf({ memberWays, isOuter }: ScannedRelation, first: number): OuterWay[] {
    const outers: OuterWay[] = [];
    for (let i = 0; i < this.#ways.length; i++) {
      const place = this.#places.at(i);
      if (isOuter[place] !== 1) continue;
      const tags = pairsOf(this.#members.tags(this.#ways.at(i)));
      const theme = this.#findTheme(tags);
      if (theme === null) continue;
      outers.push({ id: memberWays[place] as number, tagsText: JSON.stringify(tags), theme, line: first + i });
    }
    return outers;
  }
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i] as string, texts[2 * i + 1] as string]);
}
