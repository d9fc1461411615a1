/** Names that an error lists. */
const MAX_SHOWN = 10;
/** Characters of a name that are compared. */
const MAX_COMPARED = 64;

/** The names that a mistyped one is closest to, best first, for an error: `a, b, c (and 12 more)`. */
export function listNearNames(wanted: string, names: readonly string[]): string {
  const unique = [...new Set(names)];
  const ranked = unique
    .map((name) => ({ name, distance: distanceOf(wanted, name) }))
    .toSorted((a, b) => a.distance - b.distance);
  return listNames(ranked.map(({ name }) => name));
}

/** Names in their order, a few of them. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, MAX_SHOWN).map((name) => `'${name.slice(0, 80)}'`);
  const left = names.length - shown.length;
  return left === 0 ? shown.join(", ") : `${shown.join(", ")} (and ${left} more)`;
}

/** Whoever leaves out a prefix or a suffix is closer than the count of letters says. */
function distanceOf(wanted: string, name: string): number {
  const [a, b] = [wanted, name].map((text) => text.toLowerCase().slice(0, MAX_COMPARED)) as [string, string];
  if (a === b) return 0;
  const edits = editDistance(a, b);
  return a !== "" && (b.includes(a) || a.includes(b)) ? edits / 100 : edits;
}

/** Levenshtein: insertions, deletions and replacements, in one row of memory. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
