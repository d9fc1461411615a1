import { z } from "zod";
import { fault } from "./shapes.ts";

const name = z.string().min(1).max(200);

/** A URL template may be long; a key in it is refused later, with what to do instead. */
const source = z.string().min(1).max(4096);

const zooms = z.union([z.string().max(100), z.array(z.int().min(0).max(30)).min(1).max(31)], {
  error: 'expected zooms from 0 to 30 as "0-12" or as a list of at least one, [3, 4]',
});

/** Corners are counted when it is read. */
const geoJson = z.looseObject({ type: z.string().max(40) });

const lonLatBox = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .describe("west, south, east, north in degrees; west greater than east crosses the antimeridian");

const asked = {
  source: source.describe("a name of /api/sources, or the URL (template) of a host that this server allows"),
  bbox: lonLatBox.optional(),
  coverage: geoJson.optional().describe("GeoJSON with polygons, instead of bbox"),
  zooms: zooms.describe('as "0-12" or as a list'),
  store: name
    .optional()
    .describe("file in the data folder, alps.gpkg; may be left out when the source is a live cache"),
  grid: name.optional(),
  layer: name.optional(),
  style: name.optional(),
  matrixSet: name.optional(),
  resampling: z.enum(["nearest", "bilinear", "cubic", "lanczos", "average"]).optional(),
  format: z.enum(["png", "jpeg", "webp", "mixed"]).optional(),
  quality: z.int().min(1).max(100).optional(),
  retries: z.int().min(0).max(100).optional(),
  refresh: z.string().max(20).optional().describe('tiles older than this are fetched again, "30d"'),
};

export const jobRequestBody = z.strictObject(asked);
export const estimateBody = z.strictObject({ ...asked, sample: z.boolean().default(false) });

export type JobRequestBody = z.infer<typeof jobRequestBody>;

const count = z.int();

/** What became of tiles, and how fast. */
export const outcomes = {
  planned: count,
  present: count,
  stored: count,
  empty: count,
  rejected: count,
  failed: count,
  cancelled: count,
  bytes: z.number(),
  requests: count,
  retries: count,
  tilesPerSecond: z.number(),
};

const progress = z.object({
  ...outcomes,
  state: z.enum(["running", "pausedDiskFull", "finishing", "ended"]),
  done: count,
  elapsedMs: z.number(),
  etaMs: z.number().nullable(),
  zoom: count.nullable(),
  hosts: z.array(z.looseObject({ host: z.string() })),
});

const report = z.object({
  ...outcomes,
  seconds: z.number(),
  complete: z.boolean(),
  failures: z.record(z.string(), count),
  stopped: z.enum(["cancelled", "hostDead"]).nullable(),
});

export const jobState = z.enum(["queued", "running", "paused", "done", "incomplete", "failed", "cancelled"]);

export const jobShape = z.object({
  id: z.string(),
  request: z.looseObject({ source: z.string(), zooms: z.array(count), store: z.string() }),
  cache: z.string().nullable(),
  state: jobState,
  actions: z.array(z.enum(["pause", "resume", "cancel", "retry", "remove"])),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  planned: z.number().nullable(),
  progress: progress.nullable(),
  report: report.nullable(),
  error: fault.nullable(),
});

export const failedShape = z.object({
  failed: z.array(z.object({ z: count, y: count, minX: count, maxX: count, code: z.string(), message: z.string() })),
  next: z.number().nullable(),
});

export const estimateShape = z.object({
  planned: z.number(),
  levels: z.array(z.object({ z: count, count: z.number() })),
  sampled: count,
  sampledEmpty: count,
  bytes: z.number().nullable(),
  seconds: z.number().nullable(),
  tilesPerSecond: z.number().nullable(),
  maxTiles: z.number(),
  allowed: z.boolean(),
  reason: z.string().nullable(),
});
