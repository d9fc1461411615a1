import { useEffect, useState } from "preact/hooks";
import type { DeadBlock, Seed } from "../api/cluster_types.ts";
import type { App } from "../state/app.ts";
import { formatMany } from "../text/format.ts";

/** Parts of a seed that failed too often, with the reasons; read when somebody wants to see them. */
export function DeadBlocks({ app, seed }: { app: App; seed: Seed }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="failed" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{formatMany(seed.blocks.dead, "dead block")}</summary>
      {open && <List app={app} seed={seed} />}
    </details>
  );
}

function List({ app, seed }: { app: App; seed: Seed }) {
  const [blocks, setBlocks] = useState<readonly DeadBlock[]>([]);
  const { id } = seed;
  useEffect(() => {
    let ended = false;
    const read = async (): Promise<void> => {
      const { dead } = await app.api.seed(id);
      if (!ended) setBlocks(dead);
    };
    void app.attempt(read);
    return () => void (ended = true);
  }, [app, id, seed.blocks.dead]);
  return (
    <ul aria-label="Dead blocks">
      {blocks.map(({ number, range, attempts, error }) => (
        <li key={number}>
          <span>
            {`${range.z}: ${range.minX}–${range.maxX} × ${range.minY}–${range.maxY}, ${formatMany(attempts, "attempt")}: ${error}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
