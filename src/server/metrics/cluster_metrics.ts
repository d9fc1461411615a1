import type { Registry } from "prom-client";
import { clusterReport, type SeedStatus } from "../../cluster/index.ts";
import type { ApiContext } from "../context.ts";
import { counter, gauge, type Sample } from "./kept_metric.ts";

/** How old figures may be, ms: so often at the most the books are read for them. */
const MAX_AGE_MS = 5_000;
/** Seeds that are told, the newest; each has a series for each of its workers. */
const MAX_SEEDS = 100;

const OUTCOMES = ["present", "stored", "empty", "failed", "open"] as const;

const COUNTERS = {
  rejected: "Answers to seeds of the cluster that were no tile",
  bytes: "Bytes of tiles that seeds of the cluster have stored",
  requests: "Requests of seeds of the cluster",
  retries: "Requests of seeds of the cluster that were repeated",
} as const;

/** Figures of every seed of the cluster that is not over, by `seed`, and of its workers; none while the database is away. */
export function addClusterMetrics(registry: Registry, { cluster }: ApiContext): void {
  if (cluster === null) return;
  const list = (): Promise<readonly SeedStatus[] | null> => cluster.list(MAX_AGE_MS).catch(() => null);
  const samples = async (read: (seed: SeedStatus) => Sample[]): Promise<Sample[]> => {
    const seeds = (await list()) ?? [];
    return seeds.filter(isUnderWay).slice(0, MAX_SEEDS).flatMap(read);
  };
  gauge(registry, "tilth_cluster_up", "1 when the database of the cluster answers, else 0", [], async () => [
    { labels: {}, value: (await list()) === null ? 0 : 1 },
  ]);
  gauge(registry, "tilth_cluster_tiles", "Tiles of a seed, by outcome", ["seed", "outcome"], () => samples(tilesOf));
  for (const [name, help] of Object.entries(COUNTERS))
    counter(registry, `tilth_cluster_${name}_total`, help, ["seed"], () =>
      samples(({ id, counts }) => [{ labels: { seed: id }, value: counts[name as keyof typeof COUNTERS] }]),
    );
  addWorkerMetrics(registry, samples);
}

function addWorkerMetrics(
  registry: Registry,
  samples: (read: (seed: SeedStatus) => Sample[]) => Promise<Sample[]>,
): void {
  const perWorker = (name: string, help: string, figure: "stored" | "tilesPerSecond"): void =>
    gauge(registry, name, help, ["seed", "worker"], () =>
      samples(({ id, workers }) =>
        workers.map((worker) => ({ labels: { seed: id, worker: worker.worker }, value: worker[figure] })),
      ),
    );
  perWorker("tilth_cluster_worker_stored", "Tiles that a worker has stored for a seed", "stored");
  perWorker("tilth_cluster_worker_tiles_per_second", "Rate of a worker on a seed", "tilesPerSecond");
}

function isUnderWay({ state }: SeedStatus): boolean {
  return state === "running" || state === "paused";
}

function tilesOf(seed: SeedStatus): Sample[] {
  const report = clusterReport(seed);
  return OUTCOMES.map((outcome) => ({ labels: { seed: seed.id, outcome }, value: report[outcome] }));
}
