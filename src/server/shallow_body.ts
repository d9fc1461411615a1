import { TilthError } from "../core/index.ts";

/** Levels of lists and objects in a body. GeoJSON with its collections needs 14; each recursion over 10,000 and more ends at the stack's limit. */
const MAX_DEPTH = 32;

/** Refuses what is nested deeper than anything that is asked for here. @throws `request.invalid` */
export function requireShallowBody(body: unknown): void {
  let level = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw tooDeep();
    level = level
      .filter((value) => typeof value === "object" && value !== null)
      .flatMap((value) => Object.values(value as object));
  }
}

function tooDeep(): TilthError {
  const message = `expected a body of at most ${MAX_DEPTH} levels of lists and objects, got a deeper one; send the GeoJSON of an area alone`;
  return new TilthError("request.invalid", message);
}
