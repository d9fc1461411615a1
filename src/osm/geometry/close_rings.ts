import type { Line } from "./line.ts";

/** Ends are looked for one by one: of more lines it takes longer than the way round. */
const MAX_OPEN_LINES = 256;

/** Rings, and lines that each meet one other at either end, as rings; each begins and ends at the same position. Null for anything else. */
export function closeRings(lines: readonly Line[]): Line[] | null {
  const rings: Line[] = [];
  const open: Line[] = [];
  for (const line of lines) {
    if (line.length < 4) return null;
    if (isClosed(line)) rings.push(line);
    else open.push(line);
  }
  if (open.length > MAX_OPEN_LINES) return null;
  while (open.length > 0) {
    const ring = takeRing(open);
    if (ring === null) return null;
    rings.push(ring);
  }
  return rings;
}

function isClosed(line: Line): boolean {
  return line[0] === line[line.length - 2] && line[1] === line[line.length - 1];
}

/** Takes lines out until they are closed. */
function takeRing(open: Line[]): Line | null {
  const first = open.pop() as Line;
  const chain: Line[] = [first];
  const isBackward: boolean[] = [false];
  let length = first.length;
  let [x, y] = [first[length - 2] as number, first[length - 1] as number];
  while (x !== first[0] || y !== first[1]) {
    const next = findNext(open, x, y);
    if (next === -1) return null;
    const [line] = open.splice(next, 1) as [Line];
    const goesBack = line[0] !== x || line[1] !== y;
    chain.push(line);
    isBackward.push(goesBack);
    length += line.length - 2;
    [x, y] = goesBack
      ? [line[0] as number, line[1] as number]
      : [line[line.length - 2] as number, line[line.length - 1] as number];
  }
  return join(chain, isBackward, length);
}

/** The one line that begins or ends at a place; -1 for none or several. */
function findNext(open: readonly Line[], x: number, y: number): number {
  let found = -1;
  for (let i = 0; i < open.length; i++) {
    const line = open[i] as Line;
    const meets = (line[0] === x && line[1] === y) || (line[line.length - 2] === x && line[line.length - 1] === y);
    if (!meets) continue;
    if (found !== -1) return -1;
    found = i;
  }
  return found;
}

/** The first position of each but the first is the last of the one before. */
function join(chain: readonly Line[], isBackward: readonly boolean[], length: number): Line {
  const ring = new Int32Array(length);
  let at = 0;
  for (let i = 0; i < chain.length; i++) {
    const line = isBackward[i] === true ? reversed(chain[i] as Line) : (chain[i] as Line);
    ring.set(line, at);
    at += line.length - 2;
  }
  return ring;
}

export function reversed(line: Line): Line {
  const back = new Int32Array(line.length);
  for (let i = 0, at = line.length - 2; at >= 0; i += 2, at -= 2) {
    back[i] = line[at] as number;
    back[i + 1] = line[at + 1] as number;
  }
  return back;
}
