import type { Line } from "./line.ts";

/** Lines joined where one ends and another begins, in their direction; each is used once. A chain that comes back to its beginning is closed. */
export function joinLines(lines: readonly Line[]): Line[] {
  const key = (x: number | undefined, y: number | undefined): string => `${x} ${y}`;
  const starting = new Map<string, Line[]>();
  const usable = lines.filter(({ length }) => length >= 4);
  for (const line of usable) {
    const start = key(line[0], line[1]);
    starting.set(start, [...(starting.get(start) ?? []), line]);
  }
  const used = new Set<Line>();
  const chains: Line[] = [];
  const follow = (first: Line): Line => {
    const chain = [first];
    used.add(first);
    for (let last = first; ;) {
      const next = starting.get(key(last.at(-2), last.at(-1)))?.find((line) => !used.has(line));
      if (next === undefined) break;
      used.add(next);
      chain.push(next);
      last = next;
    }
    return concat(chain);
  };
  // From where no other ends, so that no chain is begun in its middle; what is left then are rings.
  const ends = new Set(usable.map((line) => key(line.at(-2), line.at(-1))));
  for (const line of usable) if (!used.has(line) && !ends.has(key(line[0], line[1]))) chains.push(follow(line));
  for (const line of usable) if (!used.has(line)) chains.push(follow(line));
  return chains;
}

/** The first position of each but the first is the last of the one before. */
function concat(lines: readonly Line[]): Line {
  const length = lines.reduce((sum, line) => sum + line.length - 2, 2);
  const joined = new Int32Array(length);
  let at = 0;
  for (const [i, line] of lines.entries()) {
    const part = i === 0 ? line : line.subarray(2);
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
