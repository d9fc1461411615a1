/** Items by due time, earliest first: a binary heap, O(log n) for both ways. */
export class DueHeap<T> {
  readonly #entries: { dueMs: number; item: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** Due time of the earliest item; null when there is none. */
  get nextDueMs(): number | null {
    return this.#entries[0]?.dueMs ?? null;
  }

  push(item: T, dueMs: number): void {
    const entries = this.#entries;
    const entry = { dueMs, item };
    let index = entries.length;
    entries.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || above.dueMs <= dueMs) break;
      entries[index] = above;
      index = parent;
    }
    entries[index] = entry;
  }

  /** The earliest item when it is due by `nowMs`; undefined otherwise. */
  popDue(nowMs: number): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.item;
  }

  #sink(entry: { dueMs: number; item: T }): void {
    const entries = this.#entries;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const right = entries[child + 1];
      let below = entries[child];
      if (right !== undefined && below !== undefined && right.dueMs < below.dueMs) {
        child += 1;
        below = right;
      }
      if (below === undefined || below.dueMs >= entry.dueMs) break;
      entries[index] = below;
      index = child;
    }
    entries[index] = entry;
  }
}
