import { Gauge, type Registry } from "prom-client";
import { LATENCY_BOUNDS_S, type HostReport } from "../../config/index.ts";
import type { ApiContext } from "../context.ts";
import { counter } from "./kept_metric.ts";
import { histogram } from "./histogram.ts";

const BREAKER = { closed: 0, halfOpen: 1, open: 2 } as const;

type Read = (host: HostReport) => number;

const COUNTERS: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  tilth_host_requests_total: ["Attempts at a host", ({ requests }) => requests],
  tilth_host_retries_total: ["Attempts that were repeated", ({ retries }) => retries],
  tilth_host_failures_total: ["Attempts that failed", ({ failures }) => failures],
  tilth_host_throttled_total: ["Answers that asked for patience (429)", ({ throttled }) => throttled],
  tilth_host_received_bytes_total: ["Bytes of bodies as they came over the wire", ({ receivedBytes }) => receivedBytes],
};

const GAUGES: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  tilth_host_breaker: ["Circuit breaker: 0 closed, 1 half open, 2 open", ({ breaker }) => BREAKER[breaker]],
  tilth_host_concurrency_limit: ["Requests that a host may have at a time", ({ concurrencyLimit }) => concurrencyLimit],
  tilth_host_in_flight_live: ["Requests under way for people who wait", ({ inFlightLive }) => inFlightLive],
  tilth_host_in_flight_batch: ["Requests under way for jobs", ({ inFlightBatch }) => inFlightBatch],
  tilth_host_paused_seconds: ["How long a host has asked to be left alone", ({ pausedMs }) => pausedMs / 1000],
};

/** Figures of every host that was asked in this server's life, by `host`. */
export function addHostMetrics(registry: Registry, { workspace }: ApiContext): void {
  const hosts = (): HostReport[] => workspace?.listHosts() ?? [];
  for (const [name, [help, read]] of Object.entries(COUNTERS))
    counter(registry, name, help, ["host"], () =>
      hosts().map((host) => ({ labels: { host: host.host }, value: read(host) })),
    );
  for (const [name, [help, read]] of Object.entries(GAUGES)) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ["host"],
      registers: [],
      collect() {
        this.reset();
        for (const host of hosts()) this.set({ host: host.host }, read(host));
      },
    });
    registry.registerMetric(gauge);
  }
  const latency = histogram("tilth_host_latency_seconds", "Time of an attempt, failed ones too", () =>
    hosts().map(({ host, latency: measured }) => ({ labels: { host }, bounds: LATENCY_BOUNDS_S, ...measured })),
  );
  registry.registerMetric(latency);
}
