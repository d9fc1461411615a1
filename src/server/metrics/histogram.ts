import type { Metric } from "prom-client";

/** Buckets of one label set, counted elsewhere. */
export interface Buckets {
  readonly labels: Readonly<Record<string, string>>;
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** Each with those before it. */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sumSeconds: number;
}

/** A histogram for a registry of prom-client whose buckets are kept elsewhere: the library's own only observes. */
export function histogram(name: string, help: string, read: () => readonly Buckets[]): Metric {
  const get = async () => ({
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    values: read().flatMap((one) => valuesOf(name, one)),
  });
  return { name, help, get, reset: () => undefined } as unknown as Metric;
}

function valuesOf(name: string, { labels, bounds, cumulative, count, sumSeconds }: Buckets) {
  const buckets = bounds.map((bound, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: bound },
    value: cumulative[index] ?? 0,
  }));
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
