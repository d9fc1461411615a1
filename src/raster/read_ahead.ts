import { abortable, throwIfAborted } from "../core/index.ts";

/**
 * Results of `start(item)` in the order of the items, `ahead` of them under way beside the one that is waited for. Leaving the loop starts no more.
 */
export async function* readAhead<Item, Result>(
  items: Iterable<Item>,
  start: (item: Item) => Promise<Result>,
  { ahead, signal }: { ahead: number; signal?: AbortSignal },
): AsyncGenerator<Result, void, undefined> {
  const waiting: Promise<Result>[] = [];
  for (const item of items) {
    throwIfAborted(signal);
    const result = start(item);
    // Told when its turn comes; who leaves before does not hear of it.
    result.catch(() => undefined);
    waiting.push(result);
    if (waiting.length > ahead) yield await abortable(waiting.shift() as Promise<Result>, signal);
  }
  for (const result of waiting) yield await abortable(result, signal);
}
