import { Counter, Gauge, type Registry } from "prom-client";

export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A counter whose values are kept elsewhere, and may have to be fetched. */
export function counter(...args: Kept): void {
  register(Counter, args, (made, { labels, value }) => made.inc(labels, value));
}

/** The same as a gauge. */
export function gauge(...args: Kept): void {
  register(Gauge, args, (made, { labels, value }) => made.set(labels, value));
}

type Kept = [
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
];

function register<Kind extends typeof Counter | typeof Gauge>(
  Kind: Kind,
  [registry, name, help, labelNames, read]: Kept,
  put: (made: InstanceType<Kind>, sample: Sample) => void,
): void {
  const made = new Kind({
    name,
    help,
    labelNames,
    registers: [],
    async collect() {
      const samples = await read();
      // Only now: of two who ask at a time none counts on top of the other, or finds it empty.
      made.reset();
      for (const sample of samples) put(made, sample);
    },
  }) as InstanceType<Kind>;
  registry.registerMetric(made);
}
