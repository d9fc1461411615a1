import { Counter, type Metric, type Registry } from "prom-client";

export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A counter whose values are kept elsewhere. */
export function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: () => readonly Sample[],
): void {
  const made: Metric = new Counter({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc(labels as Record<Label, string>, value);
    },
  });
  registry.registerMetric(made);
}
