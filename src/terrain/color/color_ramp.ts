/** Red, green, blue, alpha: 0 to 255. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

export interface ColorStop {
  readonly value: number;
  readonly color: Rgba;
}

/** Colours of values, and of where there is no value. */
export interface ColorRamp {
  /** By ascending value, no two alike. */
  readonly stops: readonly ColorStop[];
  readonly missing: Rgba;
}

/**
 * `linear`: between two stops their colours are mixed, beyond the ends the last one goes on. `nearest`: that of the stop that is nearer. `exact`:
 * only the stops' own values have a colour.
 */
export type ColorMatch = "linear" | "nearest" | "exact";

const CLEAR: Rgba = [0, 0, 0, 0];
/** Of a value: how far apart the sides of a sharp border lie. */
const BORDER = 1e-12;

/**
 * Stops in order. Of several of one value, a sharp border, the first is moved a hair down and the last a hair up, so that each side has its
 * colour (as gdaldem does); those between are left out.
 * @param stops in the order of their file
 */
export function makeColorRamp(stops: readonly ColorStop[], missing: Rgba = CLEAR): ColorRamp {
  const sorted = stops.toSorted((a, b) => a.value - b.value);
  const apart = sorted.flatMap(({ value, color }, i) => {
    const [isLast, isFirst] = [value !== sorted[i + 1]?.value, value !== sorted[i - 1]?.value];
    const hair = Math.max(Math.abs(value), 1) * BORDER;
    if (isFirst && isLast) return [{ value, color }];
    if (isFirst) return [{ value: value - hair, color }];
    return isLast ? [{ value: value + hair, color }] : [];
  });
  return { stops: apart, missing };
}

/** What gdaldem paints where there is no height and the ramp says nothing of that: the number that stands for it is a height like any other. */
export function colorOfNodata(stops: readonly ColorStop[], nodata: number | null): Rgba {
  if (nodata === null) return CLEAR;
  const out = new Uint8Array(4);
  const value = Number.isNaN(nodata) ? Infinity : nodata;
  colorLookup(makeColorRamp(stops), "linear")(value, out, 0);
  return [...out] as unknown as Rgba;
}

/** A lookup for many values, with the colours of the ramp in lists of its own. */
export function colorLookup(
  { stops, missing }: ColorRamp,
  match: ColorMatch,
): (value: number, out: Uint8Array, at: number) => void {
  const values = Float64Array.from(stops, ({ value }) => value);
  const colors = Uint8Array.from(stops.flatMap(({ color }) => color));
  const last = values.length - 1;
  const put = (color: ArrayLike<number>, from: number, out: Uint8Array, at: number): void => {
    for (let i = 0; i < 4; i++) out[at + i] = color[from + i] as number;
  };
  return (value, out, at) => {
    if (Number.isNaN(value) || last < 0) return put(missing, 0, out, at);
    const above = firstFrom(values, value);
    if (match === "exact") return values[above] === value ? put(colors, 4 * above, out, at) : put(CLEAR, 0, out, at);
    if (above === 0 || values[above] === value) return put(colors, 4 * above, out, at);
    if (above > last) return put(colors, 4 * last, out, at);
    const [low, high] = [values[above - 1] as number, values[above] as number];
    if (match === "nearest") return put(colors, 4 * (value - low < high - value ? above - 1 : above), out, at);
    const ratio = (value - low) / (high - low);
    for (let i = 4 * above; i < 4 * above + 4; i++) {
      const from = colors[i - 4] as number;
      // Rounded as gdaldem rounds: from .55 on upwards.
      out[at + i - 4 * above] = Math.max(
        0,
        Math.min(255, Math.floor(0.45 + from + ratio * ((colors[i] as number) - from))),
      );
    }
  };
}

/** The first stop that is not below `value`; their number when all are. */
function firstFrom(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
