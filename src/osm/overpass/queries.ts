import type { LonLatBbox } from "../../geo/index.ts";
import type { TagFilter } from "../tags/tag_filter.ts";

export interface QueryLimits {
  /** For which the service may work on a query, s. */
  readonly timeoutS: number;
  /** Memory that it may use, bytes. */
  readonly maxSizeBytes: number;
}

/**
 * All objects in a box that fit a filter, with what they are made of: nodes of ways, members of relations. Null filters: all that have a tag.
 * Only those relations that go round areas (wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL).
 */
export function dataQuery(box: LonLatBbox, filters: readonly TagFilter[] | null, limits: QueryLimits): string {
  return `${settings(limits)}${union(box, filters)}out body;>;out skel qt;`;
}

/** How many those are, without what they are made of. */
export function countQuery(box: LonLatBbox, filters: readonly TagFilter[] | null, limits: QueryLimits): string {
  return `${settings(limits)}${union(box, filters)}out count;`;
}

function settings({ timeoutS, maxSizeBytes }: QueryLimits): string {
  return `[out:json][timeout:${timeoutS}][maxsize:${maxSizeBytes}];`;
}

const AREAS = '["type"~"^(multipolygon|boundary)$"]';

function union(box: LonLatBbox, filters: readonly TagFilter[] | null): string {
  const [west, south, east, north] = box.map((value) => value.toFixed(7));
  const bounds = `(${south},${west},${north},${east})`;
  if (filters === null) return `(node(if:count_tags()>0)${bounds};way${bounds};relation${AREAS}${bounds};);`;
  const each = filters.map(condition);
  return `(${each.map((tag) => `node${tag}${bounds};way${tag}${bounds};relation${AREAS}${tag}${bounds};`).join("")});`;
}

function condition({ key, values }: TagFilter): string {
  if (values === null) return `[${quote(key)}]`;
  if (values.length === 1) return `[${quote(key)}=${quote(values[0] ?? "")}]`;
  return `[${quote(key)}~${quote(`^(${values.map(escapePattern).join("|")})$`)}]`;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
