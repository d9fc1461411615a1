import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { readActivity } from "../../concurrency/index.ts";
import type { ApiContext } from "../context.ts";
import { JOB_STATES } from "../jobs/job_states.ts";
import { addClusterMetrics } from "./cluster_metrics.ts";
import { counter } from "./kept_metric.ts";
import { addHostMetrics } from "./host_metrics.ts";
import { histogram } from "./histogram.ts";
import { COUNTED, JobTotals } from "./job_totals.ts";
import { REQUEST_BOUNDS_S, type RequestMeter } from "./request_meter.ts";

/** Everything that `/metrics` tells: read when it is asked for, so that nothing is counted twice or kept. */
export function makeRegistry(context: ApiContext, meter: RequestMeter): Registry {
  const registry = new Registry();
  // Memory, event-loop lag, processor time, open files.
  collectDefaultMetrics({ register: registry });
  addActivity(registry);
  addRequests(registry, meter);
  addJobs(registry, context);
  addHostMetrics(registry, context);
  addClusterMetrics(registry, context);
  return registry;
}

function addActivity(registry: Registry): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  gauge("tilth_threads", "Worker threads alive", () => readActivity().threads);
  gauge("tilth_tasks_running", "Tasks running on threads and in pools", () => readActivity().tasks);
  gauge("tilth_queue_items", "Items waiting in bounded queues", () => readActivity().queue.items);
  gauge("tilth_queue_bytes", "Bytes waiting in bounded queues", () => readActivity().queue.bytes);
}

function addRequests(registry: Registry, meter: RequestMeter): void {
  counter(registry, "tilth_served_tiles_total", "Tiles asked for, by what became of them", ["outcome"], () =>
    Object.entries(meter.tiles).map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
  counter(registry, "tilth_requests_total", "Requests, by kind and class of status", ["kind", "status"], () =>
    Object.entries(meter.kinds).flatMap(([kind, { statuses }]) =>
      statuses.map((value, row) => ({ labels: { kind, status: `${row + 1}xx` }, value })),
    ),
  );
  counter(registry, "tilth_sent_bytes_total", "Bytes written for answers, by kind", ["kind"], () =>
    Object.entries(meter.kinds).map(([kind, { sentBytes }]) => ({ labels: { kind }, value: sentBytes })),
  );
  const durations = histogram("tilth_request_seconds", "Time from a request's arrival to its answer's end", () =>
    Object.entries(meter.kinds).map(([kind, { buckets, sumSeconds }]) => {
      let sum = 0;
      const cumulative = buckets.map((count) => (sum += count));
      const latency = { bounds: REQUEST_BOUNDS_S, cumulative: cumulative.slice(0, -1), count: sum, sumSeconds };
      return { labels: { kind }, ...latency };
    }),
  );
  registry.registerMetric(durations);
}

function addJobs(registry: Registry, { jobs, registry: caches }: ApiContext): void {
  const served = new Gauge({
    name: "tilth_caches",
    help: "Caches that are served",
    registers: [],
    collect() {
      this.set(caches.list().length);
    },
  });
  registry.registerMetric(served);
  if (jobs === null) return;
  const { manager } = jobs;
  const totals = new JobTotals(manager);
  const states = new Gauge({
    name: "tilth_jobs",
    help: "Jobs by state",
    labelNames: ["state"],
    registers: [],
    collect() {
      const counts = manager.countStates();
      for (const state of JOB_STATES) this.set({ state }, counts.get(state) ?? 0);
    },
  });
  registry.registerMetric(states);
  for (const name of COUNTED) {
    const metric = name === "bytes" ? "tilth_job_bytes_total" : `tilth_job_${name}_total`;
    counter(registry, metric, HELP[name], [], () => [{ labels: {}, value: totals.read()[name] }]);
  }
}

const HELP: Readonly<Record<(typeof COUNTED)[number], string>> = {
  stored: "Tiles that jobs have stored",
  empty: "Tiles of jobs that the service does not have",
  failed: "Tiles that jobs could not fetch",
  rejected: "Answers to jobs that were no tile",
  bytes: "Bytes of tiles that jobs have stored",
  requests: "Requests of jobs",
  retries: "Requests of jobs that were repeated",
};
