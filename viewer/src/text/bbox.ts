import type { LonLatBox } from "../api/types.ts";

/** `west, south, east, north` in degrees; commas, semicolons or spaces. @throws Error with a sentence for people */
export function parseBbox(text: string): LonLatBox {
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  const numbers = words.map(Number);
  if (words.length !== 4 || numbers.some((number) => !Number.isFinite(number)))
    throw new Error("Expected four numbers: west, south, east, north, in degrees.");
  const [west = 0, south = 0, east = 0, north = 0] = numbers;
  if (Math.abs(west) > 180 || Math.abs(east) > 180)
    throw new Error("Expected longitudes between -180 and 180 (west, then east).");
  if (Math.abs(south) > 90 || Math.abs(north) > 90)
    throw new Error("Expected latitudes between -90 and 90 (south, then north).");
  if (south >= north) throw new Error("Expected the south below the north: west, south, east, north.");
  if (west === east) throw new Error("Expected a west and an east that differ.");
  return [west, south, east, north];
}

/** At most five digits, 1 m. */
export function formatBbox(box: LonLatBox): string {
  return box.map((value) => String(Number(value.toFixed(5)))).join(", ");
}
