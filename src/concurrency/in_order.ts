import { throwIfAborted } from "../core/index.ts";

/**
 * Results of `work`, which obeys the same signal, for each item in the order of the items, `ahead` of them under way at a time. When the caller stops early, what is
 * under way is waited for and no more is begun.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const line: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const result = work(item);
      // Told when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      line.push(result);
      if (line.length >= ahead) yield await (line.shift() as Promise<Result>);
    }
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      throwIfAborted(signal);
      yield await next;
    }
  } finally {
    await Promise.allSettled(line);
  }
}
