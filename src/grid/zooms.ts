import { TilthError } from "../core/index.ts";

/** Deepest zoom that anything here counts with. */
const MAX_ZOOM = 30;

/** `4`, `0-14`, `0,3,7-9` to ascending zooms without repeats. @throws `argument.invalid` */
export function parseZooms(text: string): number[] {
  const zooms = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,2})\s*(?:-\s*(\d{1,2})\s*)?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first > last || last > MAX_ZOOM) {
      throw new TilthError(
        "argument.invalid",
        `expected zooms such as 4, 0-14 or 0,3,7-9 (at most ${MAX_ZOOM}), got '${text}'`,
        { fields: { value: text } },
      );
    }
    for (let zoom = first; zoom <= last; zoom++) zooms.add(zoom);
  }
  return [...zooms].toSorted((a, b) => a - b);
}

/** `0-4`, `3,5-7`. */
export function formatZooms(zooms: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < zooms.length; index++) {
    const first = zooms[index];
    while (zooms[index + 1] === (zooms[index] ?? 0) + 1) index += 1;
    parts.push(first === zooms[index] ? String(first) : `${first}-${zooms[index]}`);
  }
  return parts.join(",");
}
