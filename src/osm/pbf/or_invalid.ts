import { isTilthError, TilthError } from "../../core/index.ts";

/** What `read` gives; what the PBF library throws at damaged bytes becomes `osm.invalid`. @param what was expected, e.g. 'a block' */
export function orInvalid<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    const message = `expected ${what} of an .osm.pbf file, got bytes that are none: the file is damaged`;
    throw new TilthError("osm.invalid", message, { cause });
  }
}
