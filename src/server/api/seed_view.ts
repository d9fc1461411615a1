import type { z } from "zod";
import { clusterReport, type SeedStatus, type WorkerStatus } from "../../cluster/index.ts";
import { redactUrl } from "../../core/index.ts";
import type { SeedDetails } from "../cluster/served_cluster.ts";
import { redactUrls } from "../redact_urls.ts";
import type { seedAction, seedDetailShape, seedShape } from "./seed_shapes.ts";

/** A worker that says nothing for longer, and holds nothing, is left out of the list: each start of one may have a name of its own. */
const LISTED_SILENT_MS = 900_000;
/** `blocks.dead` says how many there are. */
const MAX_DEAD = 1000;

/** A seed among others. */
export function seedView(status: SeedStatus): z.infer<typeof seedShape> {
  const isListed = ({ silentMs, blocks }: WorkerStatus): boolean => blocks > 0 || silentMs < LISTED_SILENT_MS;
  return { ...viewOf(status), workers: status.workers.filter(isListed) };
}

/** A seed alone: all of its workers, and the blocks that failed too often. */
export function seedDetailView({ status, dead }: SeedDetails): z.infer<typeof seedDetailShape> {
  const shown = dead.slice(0, MAX_DEAD).map((block) => ({ ...block, error: redactUrls(block.error) }));
  return { ...viewOf(status), dead: shown };
}

function viewOf(status: SeedStatus): z.infer<typeof seedShape> {
  const { definition, submittedAtMs, endedAtMs, blocks, workers } = status;
  return {
    ...clusterReport(status),
    source: redactUrl(definition.source),
    cache: definition.cache,
    zooms: [...definition.task.zooms],
    actions: actionsOf(status),
    submittedAtMs,
    endedAtMs,
    blocks,
    workers: [...workers],
  };
}

/** What can be done with it now; whatever else is asked for is refused with `cluster.state`, or changes nothing. */
function actionsOf({ state, counts }: SeedStatus): z.infer<typeof seedAction>[] {
  if (state === "cancelled") return [];
  const retry = counts.failed > 0 ? (["retry"] as const) : [];
  if (state === "ended") return [...retry];
  return [state === "running" ? "pause" : "resume", "cancel", ...retry];
}
