import { useState } from "preact/hooks";
import type { Seed, SeedAction } from "../api/cluster_types.ts";
import type { App } from "../state/app.ts";
import { isOperator } from "../state/app_state.ts";
import { shareSettled, wordFor } from "../state/seed_list.ts";
import { useSignal } from "../state/signal.ts";
import { useSeeds } from "../state/use_seeds.ts";
import { formatBytes, formatCount, formatDuration, formatShare, formatTime } from "../text/format.ts";
import { formatZooms } from "../text/zooms.ts";
import { DeadBlocks } from "./dead_blocks.tsx";
import { ProgressBar } from "./progress_bar.tsx";
import { WorkerList } from "./worker_list.tsx";

const ACTIONS: Record<SeedAction, string> = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Retry failed",
};

type Act = (id: string, action: SeedAction) => Promise<void>;

/** The seeds that many machines work on, while the panel is open. */
export function ClusterPanel({ app }: { app: App }) {
  const { seeds, fault, act } = useSeeds(app);
  return (
    <>
      {fault !== "" && (
        <p class="warn" role="alert">
          {fault}
        </p>
      )}
      {seeds === null && fault === "" && <p class="hint">Reading …</p>}
      {seeds?.length === 0 && <p class="hint">No seeds yet: tilth seed --cluster submits one.</p>}
      {seeds !== null && seeds.length > 0 && (
        <ul class="jobs" aria-label="Seeds of the cluster">
          {seeds.map((seed) => (
            <SeedCard key={seed.id} app={app} seed={seed} act={act} />
          ))}
        </ul>
      )}
    </>
  );
}

function SeedCard({ app, seed, act }: { app: App; seed: Seed; act: Act }) {
  const operator = isOperator(useSignal(app.state.status));
  const { id, cache, source, zooms, submittedAtMs, workers, blocks } = seed;
  const word = wordFor(seed);
  return (
    <li class="job" data-state={word} aria-label={`Seed ${cache} ${id}`}>
      <p class="row">
        <b class="grow clip" title={source}>{`${cache} ← ${source}`}</b>
        <span class="badge" data-state={word}>
          {word}
        </span>
      </p>
      <p class="hint">{`${id} · levels ${formatZooms(zooms)} · ${formatTime(submittedAtMs)}`}</p>
      <ProgressBar outcomes={seed} share={shareSettled(seed)} />
      <Numbers seed={seed} />
      {operator && seed.actions.length > 0 && <Actions seed={seed} act={act} />}
      {workers.length > 0 && <WorkerList workers={workers} />}
      {blocks.dead > 0 && <DeadBlocks app={app} seed={seed} />}
    </li>
  );
}

/** Rate and time to go, what became of the tiles, where the blocks are, and why tiles failed. */
function Numbers({ seed }: { seed: Seed }) {
  const { planned, bytes, state, tilesPerSecond, etaSeconds, blocks, failures } = seed;
  const parts = (["stored", "present", "empty", "failed", "rejected", "cancelled", "open"] as const).filter(
    (kind) => seed[kind] > 0,
  );
  const why = Object.entries(failures).map(([code, count]) => `${code} ${formatCount(count)}`);
  return (
    <div class="numbers">
      <p>
        {`${formatShare(shareSettled(seed))} of ${formatCount(planned)}`}
        {bytes > 0 && ` · ${formatBytes(bytes)}`}
        {state === "running" && ` · ${formatCount(tilesPerSecond)}/s`}
        {etaSeconds !== null && ` · ${formatDuration(etaSeconds * 1000)} to go`}
      </p>
      <p class="outcomes">
        {parts.map((kind) => (
          <span key={kind} data-outcome={kind}>
            {`${kind} ${formatCount(seed[kind])}`}
          </span>
        ))}
      </p>
      <p class="hint">
        {`blocks: ${formatCount(blocks.done)} done, ${formatCount(blocks.leased)} in work, ${formatCount(blocks.queued)} waiting`}
      </p>
      {why.length > 0 && <p class="warn">{`failed: ${why.join(", ")}`}</p>}
    </div>
  );
}

/** A cancel stops many machines: it is asked for again. */
function Actions({ seed, act }: { seed: Seed; act: Act }) {
  const { id, cache, actions } = seed;
  const [asks, setAsks] = useState(false);
  const choose = (action: SeedAction): void => {
    setAsks(action === "cancel" && !asks);
    if (action !== "cancel" || asks) void act(id, action);
  };
  const button = (label: string, onClick: () => void) => (
    <button key={label} type="button" aria-label={`${label}: ${cache} ${id}`} onClick={onClick}>
      {label}
    </button>
  );
  if (asks && actions.includes("cancel"))
    return (
      <p class="row wrap" role="group" aria-label="Cancel this seed?">
        <span class="hint grow">All workers leave it; what is fetched stays.</span>
        {button("Cancel it", () => choose("cancel"))}
        {button("Keep it", () => setAsks(false))}
      </p>
    );
  return <p class="row wrap">{actions.map((action) => button(ACTIONS[action], () => choose(action)))}</p>;
}
