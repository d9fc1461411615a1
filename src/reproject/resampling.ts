/** How a value between pixels is made. */
export type Resampling = "nearest" | "bilinear" | "cubic" | "lanczos" | "average";

export const RESAMPLINGS: readonly Resampling[] = ["nearest", "bilinear", "cubic", "lanczos", "average"];

/** Weight of a pixel whose centre is `distance` pixels away, before normalization. */
interface Filter {
  readonly radius: number;
  weigh(distance: number): number;
}

/** Cubic convolution with a = -0.5 (Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981), as GDAL's cubic. */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/** sinc(x) sinc(x/3): Lanczos with three lobes (Duchon, "Lanczos Filtering in One and Two Dimensions", 1979). */
function lanczos(distance: number): number {
  const x = Math.abs(distance) * Math.PI;
  if (x < 1e-9) return 1;
  return Math.abs(distance) < 3 ? (Math.sin(x) / x) * (Math.sin(x / 3) / (x / 3)) : 0;
}

export const FILTERS: Readonly<Record<Exclude<Resampling, "nearest" | "average">, Filter>> = {
  bilinear: { radius: 1, weigh: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  cubic: { radius: 2, weigh: cubic },
  lanczos: { radius: 3, weigh: lanczos },
};

/**
 * Destination pixels for one source pixel, as a kernel uses it: at most 1 (a kernel is widened, never narrowed). From 0.95 on a
 * filter keeps its own width, and 1/n is taken for what is within 0.05 of it: GDAL's rule, without which results could not be compared.
 */
export function kernelScale(scale: number): number {
  if (!(scale < 0.95)) return 1;
  const whole = Math.round(1 / scale);
  return Math.abs(1 / scale - whole) < 0.05 ? 1 / whole : scale;
}

/** Pixels that a method reads on either side of a position, at most. */
export function reachOf(resampling: Resampling, scale: number): number {
  if (resampling === "nearest") return 1;
  if (resampling === "average") return Math.ceil(0.5 / Math.min(1, scale)) + 1;
  return Math.ceil(FILTERS[resampling].radius / kernelScale(scale));
}

/** How many taps `fillTaps` gives for a method at a scale; even. */
export function tapCount(resampling: Exclude<Resampling, "nearest">, scale: number): number {
  return 2 * reachOf(resampling, scale);
}

/**
 * Weights for a position `fraction` (0..1) to the right of a pixel's centre, of `taps.length` pixels, the first of which stands
 * `taps.length / 2 - 1` pixels left of that pixel. They sum to 1.
 */
export function fillTaps(
  resampling: Exclude<Resampling, "nearest">,
  scale: number,
  fraction: number,
  taps: Float32Array | Float64Array,
): void {
  const first = 1 - taps.length / 2 - fraction;
  const used = resampling === "average" ? Math.min(1, scale) : kernelScale(scale);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const distance = first + i;
    const weight =
      resampling === "average" ? overlap(distance, 0.5 / used) : FILTERS[resampling].weigh(distance * used);
    taps[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < taps.length; i++) taps[i] = (taps[i] as number) / sum;
}

/** Length that a pixel (1 wide) shares with a box of half width `half` around 0. */
function overlap(distance: number, half: number): number {
  return Math.max(0, Math.min(half, distance + 0.5) - Math.max(-half, distance - 0.5));
}
