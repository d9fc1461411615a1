/** Levels that a job can name. */
const MAX_ZOOM = 30;

/** `0-5,8` as a list, ascending. @throws Error with a sentence for people */
export function parseZooms(text: string): number[] {
  const zooms = new Set<number>();
  for (const part of text.split(",").map((word) => word.trim())) {
    const match = /^(\d{1,2})(?:\s*-\s*(\d{1,2}))?$/.exec(part);
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || to > MAX_ZOOM || from > to)
      throw new Error(`Expected zooms such as 0-5 or 3,7,9 (at most ${MAX_ZOOM}), got “${part}”.`);
    for (let zoom = from; zoom <= to; zoom++) zooms.add(zoom);
  }
  return [...zooms].toSorted((a, b) => a - b);
}

/** `[0, 1, 2, 5]` as `0-2, 5`. */
export function formatZooms(zooms: string | readonly number[]): string {
  if (typeof zooms === "string") return zooms;
  const runs: [number, number][] = [];
  for (const zoom of zooms.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && zoom === last[1] + 1) last[1] = zoom;
    else runs.push([zoom, zoom]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
