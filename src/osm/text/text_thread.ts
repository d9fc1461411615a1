import { WorkerPool, workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import type { PackedBlock } from "../packed_block.ts";
import type { DocumentFacts } from "./text_reader.ts";
import type { beginText, endText, feedText, TextFormat } from "./text_worker.ts";

const module = workerModuleUrl("./text_worker", import.meta.url);
const tasks = {
  begin: workerTask<typeof beginText>({ module: workerModuleUrl("./text_worker", import.meta.url), name: "beginText" }),
  feed: workerTask<typeof feedText>({ module, name: "feedText" }),
  end: workerTask<typeof endText>({ module, name: "endText" }),
};

/** 20 copies of Monaco as XML, 103 MB, take 20 MB less than with Node's. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 1024 };

/** Reads a document on a thread of its own, piece by piece. @param pieces they are used up @returns what stood around the objects, once all blocks were taken */
export async function* readText(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  format: TextFormat,
  signal?: AbortSignal,
): AsyncGenerator<PackedBlock, DocumentFacts> {
  // One thread: it keeps the state of the document between calls.
  await using pool = new WorkerPool({ maxThreads: 1, resourceLimits: THREAD_LIMITS });
  await pool.run(tasks.begin, [format], { signal });
  // The next piece is under way while the blocks of the one before are looked at: the thread never waits.
  let feeding: Promise<PackedBlock[]> | null = null;
  for await (const piece of pieces) {
    const next = pool.run(tasks.feed, [piece], { signal, transfer: isWhole(piece) ? [piece.buffer] : [] });
    // Told when its turn comes; until then it must not count as unhandled.
    next.catch(() => undefined);
    if (feeding !== null) yield* await feeding;
    feeding = next;
  }
  if (feeding !== null) yield* await feeding;
  const { blocks, facts } = await pool.run(tasks.end, [], { signal });
  yield* blocks;
  return facts;
}

/** Not a view of a part of something else. */
function isWhole({ buffer, byteLength }: Uint8Array<ArrayBuffer>): boolean {
  return byteLength === buffer.byteLength;
}
