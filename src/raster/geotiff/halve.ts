import { isFloat, newPixels, type PixelArray, type PixelType } from "../pixel_type.ts";

export type OverviewResampling = "average" | "nearest";

/**
 * Every second pixel, or the mean of two by two. What is nodata (or NaN) counts for nothing; a mean of integers is rounded half up. At an odd edge
 * the mean is that of the pixels that are there.
 */
export function halve(
  pixels: PixelArray<ArrayBufferLike>,
  { width, height }: { width: number; height: number },
  type: PixelType,
  nodata: number | null,
  resampling: OverviewResampling,
): PixelArray {
  const outWidth = Math.ceil(width / 2);
  const outHeight = Math.ceil(height / 2);
  const out = newPixels(type, outWidth * outHeight);
  if (resampling === "nearest") {
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++) out[y * outWidth + x] = pixels[y * 2 * width + x * 2] as number;
    return out;
  }
  const marked = newPixels(type, 1).fill(nodata ?? 0)[0] as number;
  const hasMark = nodata !== null;
  const round = !isFloat(type);
  for (let y = 0; y < outHeight; y++) {
    const top = y * 2 * width;
    const bottom = y * 2 + 1 < height ? top + width : -1;
    for (let x = 0; x < outWidth; x++) {
      const hasRight = x * 2 + 1 < width;
      let sum = 0;
      let count = 0;
      for (let k = 0; k < 4; k++) {
        const row = k < 2 ? top : bottom;
        if (row < 0 || ((k & 1) === 1 && !hasRight)) continue;
        const value = pixels[row + x * 2 + (k & 1)] as number;
        if ((hasMark && value === marked) || value !== value) continue;
        sum += value;
        count++;
      }
      out[y * outWidth + x] =
        count === 0 ? (hasMark ? marked : Number.NaN) : round ? Math.floor(sum / count + 0.5) : sum / count;
    }
  }
  return out;
}
