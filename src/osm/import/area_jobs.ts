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
  plan: FeaturePlan,
): AsyncGenerator<AreaGroup> {
  const maker = new JobMaker(members, planFinder(plan.layers), plan);
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
  /** All that the input has is wanted. */
  readonly #isEverywhere: boolean;
  /** Ways of a relation that are there, and their places among its members. */
  readonly #ways = new Uint32Column();
  readonly #places = new Uint32Column();
  readonly #seen = new Set<number>();
  #isIncomplete = false;
  #touches = false;

  constructor(members: MemberStore, findTheme: FindTheme, { clip = "smart", area }: FeaturePlan) {
    this.#members = members;
    this.#findTheme = findTheme;
    this.#clip = clip;
    this.#isEverywhere = area === null;
  }

  /** Null when it is no area that is wanted. @throws `store.io` */
  make(relation: ScannedRelation): AreaJob | null {
    this.#findWays(relation);
    // Where none of its ways is there, it may lie anywhere.
    if (!this.#touches && !this.#isEverywhere) return null;
    const from = this.lines.count;
    const outers = relation.theme === null ? this.#outersOf(relation, from) : [];
    const first = outers.find(({ theme }) => theme !== null);
    const theme = first?.theme ?? relation.theme;
    if (theme === null) return null;
    for (let i = 0; i < this.#ways.length; i++) this.#members.copyLine(this.#ways.at(i), this.lines);
    return {
      type: "relation",
      id: relation.id,
      tagsText: first?.tagsText ?? relation.tagsText,
      theme,
      lines: [from, this.lines.count],
      incomplete: this.#isIncomplete,
      outers,
    };
  }

  /** Each once. Unless areas are wanted whole, what lies outside is as if it were not in the input. */
  #findWays({ memberWays }: ScannedRelation): void {
    this.#ways.cut(0);
    this.#places.cut(0);
    this.#seen.clear();
    [this.#isIncomplete, this.#touches] = [false, false];
    for (let i = 0; i < memberWays.length; i++) {
      const id = memberWays[i] as number;
      if (!this.#seen.has(id)) this.#addWay(id, i);
      this.#seen.add(id);
    }
  }

  /** @param place among the members */
  #addWay(id: number, place: number): void {
    const way = this.#members.find(id);
    const reach = way === null ? REACH.outside : this.#members.reach(way);
    this.#touches ||= reach !== REACH.outside;
    const isKept = way !== null && (this.#clip === "smart" || reach === REACH.kept);
    this.#isIncomplete ||= !isKept || this.#members.hasGap(way);
    if (!isKept) return;
    this.#ways.push(way);
    this.#places.push(place);
  }

  /** Outer ways with tags: those of the first one that is wanted are the area's. @param first number of the relation's first line */
  #outersOf({ memberWays, isOuter }: ScannedRelation, first: number): OuterWay[] {
    const outers: OuterWay[] = [];
    for (let i = 0; i < this.#ways.length; i++) {
      const place = this.#places.at(i);
      if (isOuter[place] !== 1) continue;
      const tags = pairsOf(this.#members.tags(this.#ways.at(i)));
      if (tags.length === 0) continue;
      const theme = this.#findTheme(tags);
      outers.push({ id: memberWays[place] as number, tagsText: JSON.stringify(tags), theme, line: first + i });
    }
    return outers;
  }
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i] as string, texts[2 * i + 1] as string]);
}
