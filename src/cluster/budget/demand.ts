/** Who has wanted nothing for so long gives back what it has. */
const WANT_MS = 1000;
/** After that it leaves the book, until it is wanted again. */
const IDLE_MS = 60_000;

/** Whether a share is wanted: by those who asked it of late, and those who were told to wait until they are called. */
export class Demand {
  readonly #watchers = new Set<() => void>();
  /** Attempts at a time that would be under way. */
  wanted = 1;
  #atMs = -Infinity;
  #isWaitedFor = false;

  /** Somebody would start an attempt. */
  note(wanted: number, nowMs: number): void {
    this.wanted = wanted;
    this.#atMs = nowMs;
  }

  /** Somebody has started one. */
  touch(nowMs: number): void {
    this.#atMs = nowMs;
  }

  /** Somebody waits until he is called. */
  wait(): void {
    this.#isWaitedFor = true;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Calls all who watch; whoever still wants something says so meanwhile. */
  tell(): void {
    this.#isWaitedFor = false;
    for (const watcher of this.#watchers) watcher();
  }

  /** Those who have waited for long are called, to find out. */
  check(nowMs: number): boolean {
    if (nowMs - this.#atMs < WANT_MS) return true;
    if (!this.#isWaitedFor) return false;
    this.tell();
    return this.#isWaitedFor;
  }

  isIdle(nowMs: number): boolean {
    return !this.#isWaitedFor && nowMs - this.#atMs > IDLE_MS;
  }
}
