/**
 * How heights become classes. `equal`: so many of one width between the lowest and the highest height. `step`: of a width, one beginning at `base`.
 * `target`: of a round width (1, 2 or 5 times a power of ten) that gives about so many. `quantile`: so many of about as many cells. `natural`: so many with
 * the least squares of differences within (Fisher, On grouping for maximum homogeneity, 1958; the breaks of Jenks). `breaks`: at these heights. `sectors`: by where the ground
 * faces, from north clockwise; level ground is of none.
 */
export type Classification =
  | { readonly kind: "equal" | "target" | "quantile" | "natural"; readonly classes: number }
  | { readonly kind: "step"; readonly step: number; /** @default 0 */ readonly base?: number }
  | { readonly kind: "breaks"; readonly breaks: readonly number[] }
  | { readonly kind: "sectors"; readonly sectors: 4 | 8 | 16 };

/** Heights from `from` on and below `to`; the last class has `to` as well. Of a sector, degrees. */
export interface HeightClass {
  /** In the raster; 0 is what has none. */
  readonly value: number;
  /** Null: no limit. */
  readonly from: number | null;
  readonly to: number | null;
  /** Of a sector: N, NE ...; else empty. */
  readonly name: string;
}

export interface ClassPlan {
  readonly kind: Classification["kind"];
  /** By ascending value, from 1. Empty for a DEM without any height. */
  readonly classes: readonly HeightClass[];
  /** The smallest that holds all values. */
  readonly type: "uint8" | "uint16" | "int32";
}

export const MAX_CLASSES = 1_000_000;
const NAMES = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"];

/** @param limits ascending: where each class begins, and where the last one ends */
export function planOf(kind: Classification["kind"], limits: readonly number[]): ClassPlan {
  const finite = (limit: number | undefined): number | null =>
    limit === undefined || !Number.isFinite(limit) ? null : limit;
  const classes = limits
    .slice(0, -1)
    .map((from, i) => ({ value: i + 1, from: finite(from), to: finite(limits[i + 1]), name: "" }));
  return { kind, classes, type: typeFor(classes.length) };
}

export function planSectors(sectors: 4 | 8 | 16): ClassPlan {
  const width = 360 / sectors;
  const classes = Array.from({ length: sectors }, (_, i) => ({
    value: i + 1,
    from: (i * width - width / 2 + 360) % 360,
    to: i * width + width / 2,
    name: NAMES[(i * 16) / sectors] ?? "",
  }));
  return { kind: "sectors", classes, type: "uint8" };
}

function typeFor(classes: number): ClassPlan["type"] {
  if (classes <= 255) return "uint8";
  return classes <= 65_535 ? "uint16" : "int32";
}

/** The value of a height, or of an aspect in degrees; 0 for NaN. */
export function classifier({ kind, classes }: ClassPlan): (height: number) => number {
  if (kind === "sectors") {
    const width = 360 / classes.length;
    return (aspect) => (aspect >= 0 ? (Math.floor(aspect / width + 0.5) % classes.length) + 1 : 0);
  }
  const starts = Float64Array.from(classes, ({ from }) => from ?? -Infinity);
  return (height) => (Number.isNaN(height) ? 0 : Math.max(countUpTo(starts, height), starts.length > 0 ? 1 : 0));
}

/** How many are not above. */
function countUpTo(starts: Float64Array, height: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= height) low = middle + 1;
    else high = middle;
  }
  return low;
}
