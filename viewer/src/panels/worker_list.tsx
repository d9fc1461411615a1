import type { SeedWorker } from "../api/cluster_types.ts";
import { formatCount, formatDuration, formatMany } from "../text/format.ts";

/** A worker reports every few seconds; the cluster takes the blocks of one that says nothing for 10 s. */
const SILENT_MS = 15_000;

/** Who works on a seed, and how fast. */
export function WorkerList({ workers }: { workers: readonly SeedWorker[] }) {
  const heard = workers.filter(({ silentMs }) => silentMs < SILENT_MS).length;
  const silent = workers.length - heard;
  return (
    <details class="failed">
      <summary>{`${formatMany(heard, "worker")}${silent > 0 ? `, ${formatCount(silent)} silent` : ""}`}</summary>
      <ul aria-label="Workers">
        {workers.map(({ worker, blocks, stored, tilesPerSecond, silentMs }) => (
          <li key={worker}>
            <b>{worker}</b>
            <span>
              {`${formatMany(blocks, "block")}, ${formatCount(stored)} stored, ${tilesPerSecond.toFixed(1)}/s`}
              {silentMs >= SILENT_MS && `, silent for ${formatDuration(silentMs)}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
