/** Each round doubles a line's positions. */
export const MAX_SMOOTHING = 6;

/**
 * A line with its corners cut off so many times (Chaikin, An algorithm for high-speed curve generation, 1974). Ends stay; a closed line stays closed.
 * @param line x0, y0, x1, y1 ...
 */
export function smoothLine(line: Float64Array, rounds: number): Float64Array {
  let smooth = line;
  for (let round = 0; round < rounds; round++) smooth = cutCorners(smooth);
  return smooth;
}

function cutCorners(line: Float64Array): Float64Array {
  const { length } = line;
  if (length < 6) return line;
  const isClosed = line[0] === line[length - 2] && line[1] === line[length - 1];
  const out: number[] = isClosed ? [] : [line[0] as number, line[1] as number];
  for (let i = 0; i < length - 2; i += 2)
    for (const [near, far] of [
      [0.75, 0.25],
      [0.25, 0.75],
    ] as const) {
      // The first and last step of an open line are cut on the side of their corner alone.
      if (!isClosed && ((i === 0 && near > far) || (i === length - 4 && near < far))) continue;
      out.push(near * (line[i] as number) + far * (line[i + 2] as number));
      out.push(near * (line[i + 1] as number) + far * (line[i + 3] as number));
    }
  if (isClosed) out.push(out[0] as number, out[1] as number);
  else out.push(line[length - 2] as number, line[length - 1] as number);
  return Float64Array.from(out);
}
