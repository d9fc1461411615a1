import { readFileSync } from "node:fs";

/** Levels by which two images of raw 8-bit bands (band by band, ENVI) differ; the first three bands count. */
export function comparePixels(
  fileA: string,
  fileB: string,
  width: number,
  height: number,
): { mean: number; within3: number; over8: number } {
  const [a, b] = [readFileSync(fileA), readFileSync(fileB)];
  const count = width * height;
  if (a.length < 3 * count || b.length < 3 * count)
    throw new Error(`expected 3 bands of ${count} bytes, got ${a.length} and ${b.length} bytes`);
  const worst = new Uint8Array(count);
  let sum = 0;
  let near = 0;
  for (let i = 0; i < 3 * count; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    sum += difference;
    if (difference <= 3) near += 1;
    if (difference > (worst[i % count] as number)) worst[i % count] = difference;
  }
  const over8 = worst.reduce((total, value) => total + (value > 8 ? 1 : 0), 0);
  return { mean: sum / (3 * count), within3: near / (3 * count), over8: over8 / count };
}
