import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { isTilthError, TilthError } from "../../core/index.ts";
import { JsonReader } from "../text/json_reader.ts";
import { readText } from "../text/text_thread.ts";
import { LATER } from "./advice.ts";

/**
 * Reads an answer of objects to its end.
 * @returns what the service remarks; null when it does not
 * @throws `overpass.busy` for JSON that is none of objects, `overpass.incomplete`
 */
export async function readAnswer(path: string, host: string, signal?: AbortSignal): Promise<string | null> {
  try {
    // A thread takes 40 ms to start.
    return (await stat(path)).size <= SMALL_BYTES ? readHere(await readFile(path)) : await readOnThread(path, signal);
  } catch (error) {
    if (!isTilthError(error) || !error.code.startsWith("osm.")) throw error;
    throw new TilthError("overpass.busy", `${host} answered with damaged data (${error.message}); ${LATER}`, {
      cause: error,
    });
  }
}

/** Read on the calling thread in 10 ms. */
const SMALL_BYTES = 1024 * 1024;

function readHere(bytes: Uint8Array): string | null {
  const reader = new JsonReader();
  reader.feed(bytes);
  return reader.end().facts.remark;
}

async function readOnThread(path: string, signal: AbortSignal | undefined): Promise<string | null> {
  const pieces = createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array<ArrayBuffer>>;
  const blocks = readText(pieces, "json", signal);
  for (let next = await blocks.next(); ; next = await blocks.next()) if (next.done === true) return next.value.remark;
}

/** Of an answer to `out count`. @throws `overpass.busy` for anything else */
export function readCount(body: Uint8Array, host: string): number {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  try {
    const { elements } = JSON.parse(text) as { elements?: { tags?: { total?: unknown } }[] };
    const total = Number.parseInt(String(elements?.[0]?.tags?.total), 10);
    if (Number.isSafeInteger(total)) return total;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new TilthError("overpass.busy", `expected a count from ${host}, got '${text.slice(0, 120)}'; ${LATER}`);
}
