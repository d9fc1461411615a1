import type { Host } from "../api/types.ts";

/** Readings that are kept of each host: two minutes at one a second. */
export const MAX_READINGS = 120;
/** Hosts that are kept. */
const MAX_HOSTS = 50;

interface Reading {
  atS: number;
  host: Host;
}

type Rows = [number[], ...(number | null)[][]];

/** The last readings of each host, as rows for plots. */
export class HostHistory {
  readonly #readings = new Map<string, Reading[]>();

  add(atMs: number, hosts: readonly Host[]): void {
    for (const host of hosts.slice(0, MAX_HOSTS)) {
      const readings = this.#readings.get(host.host) ?? [];
      this.#readings.set(host.host, [...readings, { atS: atMs / 1000, host }].slice(-MAX_READINGS));
    }
    const now = new Set(hosts.map(({ host }) => host));
    for (const name of this.#readings.keys()) if (!now.has(name)) this.#readings.delete(name);
  }

  /** Times; requests for a second, limit of concurrency, requests in flight. */
  ratesOf(name: string): Rows {
    return this.#rows(name, [
      (host) => host.requestsPerSecond,
      (host) => host.concurrencyLimit,
      (host) => host.inFlight,
    ]);
  }

  /** Times; 50, 95 and 99 % of attempts were quicker than this, ms. */
  latenciesOf(name: string): Rows {
    const of =
      (part: "p50" | "p95" | "p99") =>
      (host: Host): number | null =>
        host.latencyMs?.[part] ?? null;
    return this.#rows(name, [of("p50"), of("p95"), of("p99")]);
  }

  #rows(name: string, reads: readonly ((host: Host) => number | null)[]): Rows {
    const readings = this.#readings.get(name) ?? [];
    return [readings.map(({ atS }) => atS), ...reads.map((read) => readings.map(({ host }) => read(host)))];
  }
}
