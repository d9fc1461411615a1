import { Gauge, type Registry } from "prom-client";
import type { Sample } from "./counter.ts";

/** A gauge whose values are kept elsewhere, and may have to be fetched. */
export function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: () => Promise<readonly Sample[]>,
): void {
  const made = new Gauge({
    name,
    help,
    labelNames,
    registers: [],
    async collect() {
      const samples = await read();
      // Only now: of two who ask at a time none finds it empty.
      this.reset();
      for (const { labels, value } of samples) this.set(labels as Record<Label, string>, value);
    },
  });
  registry.registerMetric(made);
}
