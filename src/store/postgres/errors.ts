import { TilthError } from "../../core/index.ts";
import { sqlstateOf } from "../../postgres/index.ts";

/** A full disk and a server that only reads are told as every store tells them; all else stays `postgres.*`. */
export async function asStoreError<T>(work: Promise<T>, location: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeErrorOf(error, location);
  }
}

export function storeErrorOf(error: unknown, location: string): unknown {
  const state = sqlstateOf(error);
  const fields = { location, sqlstate: state };
  if (state === "53100")
    return new TilthError("store.full", `no space is left on the server of ${location}; make room and try again`, {
      fields,
    });
  if (state === "25006")
    return new TilthError("store.readOnly", `expected to be able to write ${location}, got a server that only reads`, {
      fields,
    });
  return error;
}
