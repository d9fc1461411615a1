import { z } from "zod";
import { outcomes } from "./job_shapes.ts";

const count = z.int();

const worker = z.object({
  worker: z.string(),
  blocks: count.describe("in its hands"),
  stored: count,
  tilesPerSecond: z.number(),
  silentMs: z.number().describe("since it was last heard of"),
});

export const seedAction = z.enum(["pause", "resume", "cancel", "retry"]);

/** A seed of the cluster; `planned = present + stored + empty + failed + cancelled + open`. */
export const seedShape = z.object({
  id: z.string(),
  source: z.string(),
  cache: z.string(),
  zooms: z.array(count),
  state: z.enum(["running", "paused", "cancelled", "ended"]),
  actions: z.array(seedAction),
  submittedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  ...outcomes,
  open: count.describe("tiles without an outcome yet"),
  seconds: z.number(),
  complete: z.boolean(),
  failures: z.record(z.string(), count),
  etaSeconds: z.number().nullable(),
  blocks: z.object({ queued: count, leased: count, dead: count, done: count }),
  workers: z.array(worker),
});

const range = z.object({ z: count, minX: count, minY: count, maxX: count, maxY: count });

/** One seed with its first 1,000 dead blocks. */
export const seedDetailShape = z.object({
  ...seedShape.shape,
  dead: z.array(z.object({ number: count, range, attempts: count, error: z.string() })),
});
