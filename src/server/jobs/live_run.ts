import type { SeedProgress } from "../../seed/index.ts";

/** A job while it runs. */
export interface LiveRun {
  readonly abort: AbortController;
  /** Settles, and never rejects, once the run has come to rest and its end is written down. */
  rest: Promise<void>;
  readProgress: (() => SeedProgress) | null;
  /** What was told last, to tell only changes. */
  told: string;
}

/** What a watcher would see change; times, rates and waits move without anything happening. */
export function fingerprintOf(progress: SeedProgress): string {
  const { state, zoom, done, rejected, bytes, requests, retries } = progress;
  const hosts = progress.hosts.map(({ host, breaker, lastError }) => [host, breaker, lastError]);
  return JSON.stringify([state, zoom, done, rejected, bytes, requests, retries, hosts]);
}
