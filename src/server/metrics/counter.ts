import { Counter, type Metric, type Registry } from "prom-client";

export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A counter whose values are kept elsewhere, and may have to be fetched. */
export function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  const made: Metric = new Counter({
    name,
    help,
    labelNames,
    registers: [],
    async collect() {
      const samples = await read();
      // Only now: of two who ask at a time none counts on top of the other.
      this.reset();
      for (const { labels, value } of samples) this.inc(labels as Record<Label, string>, value);
    },
  });
  registry.registerMetric(made);
}
