import { TilthError } from "../../core/index.ts";

/** A key, with any value or with one of those named. */
export interface TagFilter {
  readonly key: string;
  /** Null: any but `no`. */
  readonly values: readonly string[] | null;
}

const MAX_FILTERS = 200;
const MAX_CHARS = 255;

/**
 * `building,highway,natural=water|wetland`: keys, or keys with values. A key that is named twice has both's values.
 * @throws `argument.invalid`
 */
export function parseTagFilters(text: string): TagFilter[] {
  const filters = new Map<string, TagFilter>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const [key = "", ...rest] = part.split("=").map((each) => each.trim());
    // Values may have the sign themselves: addresses do.
    const value = rest.length === 0 ? undefined : rest.join("=");
    const values = value === undefined || value === "*" ? null : value.split("|").map((each) => each.trim());
    if (key === "" || key.length > MAX_CHARS || values?.includes("") === true) fail(part);
    const before = filters.get(key);
    const all = before === undefined ? values : before.values && values && [...before.values, ...values];
    filters.set(key, { key, values: all });
  }
  if (filters.size > MAX_FILTERS) fail(`${filters.size} keys`);
  return [...filters.values()];
}

function fail(got: string): never {
  const message = `expected tags such as building,highway,natural=water|wetland (at most ${MAX_FILTERS} keys), got '${got.slice(0, 80)}'`;
  throw new TilthError("argument.invalid", message);
}

/** Keys that say nothing of the thing itself: an object with no other has no feature. GDAL passes over the same ones. */
const INSIGNIFICANT = new Set([
  "created_by",
  "converted_by",
  "source",
  "time",
  "ele",
  "attribution",
  "odbl",
  "note",
  "fixme",
  "FIXME",
]);

export function isSignificant(key: string): boolean {
  return !INSIGNIFICANT.has(key);
}
