import { deniesArea, findAreaRule, impliesArea, type KeyRule } from "./area_rule.ts";
import { GEOMETRY, type GeometryIndex, type LayerPlan } from "./layer_plan.ts";
import { isSignificant } from "./tag_filter.ts";

/** Ranks of tags that no filter knows. */
const OTHER = 0xff_ffff;
const NOTHING = 0xffff_ffff;
const GEOMETRY_COUNT = Object.keys(GEOMETRY).length;

/**
 * To which layer an object belongs, by its tags as indices into the texts of one block. What a text means as a key is found out once for
 * each block: looking it up for each tag would be most of the work.
 */
export class Classifier {
  readonly #plan: LayerPlan;
  readonly #strings: readonly string[];
  /** Filters by key. */
  readonly #filters = new Map<string, number>();
  /** Filter of each text as a key, + 1; 0: not looked at yet; -1: none. */
  readonly #filterOfKey: Int32Array;
  /** What each text as a key says of areas; null: nothing. Those that were not looked at are missing. */
  readonly #areaRules: (KeyRule | null | undefined)[] = [];

  constructor(plan: LayerPlan, strings: readonly string[]) {
    this.#plan = plan;
    this.#strings = strings;
    // Of a key that has several the first, which is put in last.
    for (let i = plan.filters.length - 1; i >= 0; i--) this.#filters.set((plan.filters[i] as { key: string }).key, i);
    this.#filterOfKey = new Int32Array(strings.length);
  }

  /** Theme of an object; null when it is not wanted. @param from of its tags in `tags` */
  findTheme(tags: Uint32Array, from: number, to: number): number | null {
    let best = NOTHING;
    for (let i = from; i < to; i += 2) {
      const rank = this.#rank(tags[i] as number, tags[i + 1] as number);
      if (rank < best) best = rank;
    }
    if (best === NOTHING) return null;
    return best === OTHER ? this.#plan.otherTheme : (this.#plan.themeOfFilter[best] as number);
  }

  /** Whether a closed way with these tags is an area. */
  isArea(tags: Uint32Array, from: number, to: number): boolean {
    let found = false;
    for (let i = from; i < to; i += 2) {
      const rule = this.#areaRuleOf(tags[i] as number);
      if (rule === null) continue;
      const value = this.#strings[tags[i + 1] as number] as string;
      if (deniesArea(this.#strings[tags[i] as number] as string, value)) return false;
      found ||= impliesArea(rule, value);
    }
    return found;
  }

  layerOf(theme: number, geometry: GeometryIndex): number {
    return theme * GEOMETRY_COUNT + geometry;
  }

  #areaRuleOf(key: number): KeyRule | null {
    let rule = this.#areaRules[key];
    if (rule === undefined) this.#areaRules[key] = rule = findAreaRule(this.#strings[key] as string);
    return rule;
  }

  /** Place of the first filter that fits a tag. */
  #rank(key: number, value: number): number {
    const filter = this.#filterOf(key);
    if (filter === -1)
      return this.#plan.otherTheme !== null && isSignificant(this.#strings[key] as string) ? OTHER : NOTHING;
    const { values } = this.#plan.filters[filter] as { values: readonly string[] | null };
    const text = this.#strings[value] as string;
    const fits = values === null ? text !== "no" : values.includes(text);
    if (fits) return filter;
    return this.#plan.otherTheme !== null && text !== "no" ? OTHER : NOTHING;
  }

  #filterOf(key: number): number {
    const known = this.#filterOfKey[key] as number;
    if (known !== 0) return known === -1 ? -1 : known - 1;
    const found = this.#filters.get(this.#strings[key] as string) ?? -1;
    this.#filterOfKey[key] = found === -1 ? -1 : found + 1;
    return found;
  }
}
