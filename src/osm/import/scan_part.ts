import { Float64Column, Int32Column, Uint32Column } from "../../core/index.ts";
import { transferred, type Transferred } from "../../concurrency/index.ts";
import { NO_PLACE, noRelations, startOf, type NodeColumns, type OsmBlock, type RelationColumns } from "../osm_block.ts";
import { packBlock, type PackedBlock } from "../packed_block.ts";
import { Classifier } from "../tags/classifier.ts";
import { GEOMETRY, type LayerPlan } from "../tags/layer_plan.ts";
import type { ScannedRelation } from "./scanned_relation.ts";
import { closePart, openPart, type OsmPart } from "./osm_part.ts";
import { packRelations, type PackedRelations } from "./relation_record.ts";

/** What the first look at a part gives. */
export interface ScannedPart {
  readonly counts: { readonly nodes: number; readonly ways: number; readonly relations: number };
  /** Of all its nodes that have one. */
  readonly locations: Pick<NodeColumns, "ids" | "lons" | "lats">;
  readonly relations: PackedRelations;
  /** A `LayerUse` of each layer as text: lists of lists take ten times as long to another thread, and as objects they wait there for their turn. */
  readonly use: string;
  /** Nothing but nodes without tags: it need not be looked at again. */
  readonly isBare: boolean;
  /** Of a part that was no blob: the block without bare nodes, to be kept. A blob is decoded again as fast as it is handed on. */
  readonly kept: PackedBlock | null;
}

/** Objects of a layer, and how often they have each key. */
export interface LayerUse {
  readonly layer: number;
  readonly count: number;
  readonly keys: readonly (readonly [string, number])[];
}

/** On a thread. */
export function scanPart(part: OsmPart, plan: LayerPlan): Transferred<ScannedPart> {
  // A blob is decoded anew for the second look.
  const block = openPart(part, { refs: false });
  const { nodes, ways, relations } = block;
  const classifier = new Classifier(plan, block.strings);
  const use = new UseCounter(block);
  const tagged = keepTagged(nodes);
  countObjects(tagged, use, classifier, () => GEOMETRY.point);
  countObjects(ways, use, classifier, (i) => (isAreaWay(block, i, classifier) ? GEOMETRY.polygon : GEOMETRY.line));
  const locations = locationsOf(nodes);
  const isBare = tagged.count === 0 && ways.count === 0;
  const areas = packRelations(listAreas(block, classifier, use));
  const scanned: ScannedPart = {
    counts: { nodes: nodes.count, ways: ways.count, relations: relations.count },
    locations,
    relations: areas,
    use: JSON.stringify(use.list()),
    isBare,
    kept: isBare || part.kind === "blob" ? null : packBlock({ ...block, nodes: tagged, relations: noRelations() }),
  };
  closePart(part, block);
  const columns = [areas.bytes, ...Object.values(locations), ...(scanned.kept === null ? [] : [scanned.kept])];
  return transferred(
    scanned,
    columns.map(({ buffer }) => buffer),
  );
}

/** Copies. */
function locationsOf({ ids, lons, lats }: NodeColumns): ScannedPart["locations"] {
  if (!lons.includes(NO_PLACE)) return { ids: ids.slice(), lons: lons.slice(), lats: lats.slice() };
  const isPlaced = (_value: number, i: number): boolean => lons[i] !== NO_PLACE;
  return { ids: ids.filter(isPlaced), lons: lons.filter(isPlaced), lats: lats.filter(isPlaced) };
}

/** Whether way `i` goes round an area: it is closed, and its tags say so. */
export function isAreaWay({ ways }: OsmBlock, i: number, classifier: Classifier): boolean {
  if (ways.isRing[i] === 0) return false;
  return classifier.isArea(ways.tags, startOf(ways.tagEnds, i), ways.tagEnds[i] as number);
}

interface Tagged {
  readonly count: number;
  readonly tagEnds: Uint32Array;
  readonly tags: Uint32Array;
}

function countObjects(
  objects: Tagged,
  use: UseCounter,
  classifier: Classifier,
  geometryOf: (i: number) => 0 | 1 | 2,
): void {
  for (let i = 0; i < objects.count; i++) {
    const from = startOf(objects.tagEnds, i);
    const to = objects.tagEnds[i] as number;
    if (from === to) continue;
    const theme = classifier.findTheme(objects.tags, from, to);
    if (theme !== null) use.add(classifier.layerOf(theme, geometryOf(i)), objects.tags, from, to);
  }
}

class UseCounter {
  readonly #strings: readonly string[];
  readonly #layers = new Map<number, { count: number; keys: Map<number, number> }>();

  constructor({ strings }: OsmBlock) {
    this.#strings = strings;
  }

  addLayer(layer: number): Map<number, number> {
    let found = this.#layers.get(layer);
    if (found === undefined) this.#layers.set(layer, (found = { count: 0, keys: new Map() }));
    found.count += 1;
    return found.keys;
  }

  add(layer: number, tags: Uint32Array, from: number, to: number): void {
    const keys = this.addLayer(layer);
    for (let i = from; i < to; i += 2) keys.set(tags[i] as number, (keys.get(tags[i] as number) ?? 0) + 1);
  }

  list(): LayerUse[] {
    return [...this.#layers].map(([layer, { count, keys }]) => ({
      layer,
      count,
      keys: [...keys].map(([key, n]) => [this.#strings[key] as string, n] as const),
    }));
  }
}

function keepTagged(nodes: NodeColumns): NodeColumns {
  const [ids, lons, lats] = [new Float64Column(), new Int32Column(), new Int32Column()];
  const tagEnds = new Uint32Column();
  let end = 0;
  for (let i = 0; i < nodes.count; i++) {
    if (nodes.tagEnds[i] === end) continue;
    end = nodes.tagEnds[i] as number;
    ids.push(nodes.ids[i] as number);
    lons.push(nodes.lons[i] as number);
    lats.push(nodes.lats[i] as number);
    tagEnds.push(nodes.tagEnds[i] as number);
  }
  const columns = { ids: ids.take(), lons: lons.take(), lats: lats.take(), tagEnds: tagEnds.take() };
  return { count: ids.length, ...columns, tags: nodes.tags };
}

/** Counts them as well. */
function* listAreas(block: OsmBlock, classifier: Classifier, use: UseCounter): Generator<ScannedRelation> {
  const { relations, strings } = block;
  for (let i = 0; i < relations.count; i++) {
    const [from, to] = [startOf(relations.tagEnds, i), relations.tagEnds[i] as number];
    const tags: [string, string][] = [];
    for (let at = from; at < to; at += 2)
      tags.push([strings[relations.tags[at] as number] as string, strings[relations.tags[at + 1] as number] as string]);
    const type = tags.find(([key]) => key === "type")?.[1];
    if (type !== "multipolygon" && type !== "boundary") continue;
    // `type` itself is no theme.
    const others = relations.tags
      .subarray(from, to)
      .filter((_index, at, all) => strings[all[at - (at % 2)] as number] !== "type");
    const theme = classifier.findTheme(others, 0, others.length);
    if (theme === null && (type === "boundary" || !hasNoTags(tags))) continue;
    if (theme !== null) use.addLayer(classifier.layerOf(theme, GEOMETRY.polygon));
    yield { id: relations.ids[i] as number, tagsText: JSON.stringify(tags), theme, ...waysOf(relations, i, strings) };
  }
}

/** Until about 2014 the tags of a multipolygon stood on its outer way. */
function hasNoTags(tags: readonly (readonly [string, string])[]): boolean {
  return tags.every(([key]) => key === "type" || key === "created_by" || key === "source");
}

function waysOf(relations: RelationColumns, i: number, strings: readonly string[]) {
  const [memberWays, isOuter]: [number[], number[]] = [[], []];
  for (let at = startOf(relations.memberEnds, i); at < (relations.memberEnds[i] as number); at++) {
    if (relations.memberTypes[at] !== 1) continue;
    memberWays.push(relations.memberIds[at] as number);
    isOuter.push(strings[relations.memberRoles[at] as number] === "inner" ? 0 : 1);
  }
  return { memberWays: Float64Array.from(memberWays), isOuter: Uint8Array.from(isOuter) };
}
