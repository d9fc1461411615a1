import { z } from "zod";

/** West, south, east, north, degrees. */
export const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** Of any error. */
export const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export const fault = z.object({ code: z.string(), message: z.string() });

export const crsShape = z.object({
  code: z.string(),
  name: z.string(),
  kind: z.enum(["projected", "geographic"]),
  unit: z.string(),
  metresPerUnit: z.number(),
  axisOrder: z.enum(["xy", "yx"]),
  /** For proj4: x east, y north. */
  proj: z.string().nullable(),
  areaOfUse: box,
  /** The area of use in its own units. */
  extent: box,
});

export const gridShape = z.object({
  id: z.string(),
  title: z.string(),
  extent: box,
  levels: z.array(
    z.object({
      z: z.int(),
      cellSize: z.number(),
      /** Top left. */
      origin: z.tuple([z.number(), z.number()]),
      tileWidth: z.int(),
      tileHeight: z.int(),
      matrixWidth: z.int(),
      matrixHeight: z.int(),
    }),
  ),
});

export const cacheShape = z.object({
  name: z.string(),
  title: z.string(),
  attribution: z.string(),
  format: z.string().nullable(),
  minZoom: z.int(),
  maxZoom: z.int(),
  bounds: box,
  live: z.boolean(),
  source: z.object({ id: z.string(), title: z.string() }).nullable(),
  maxAgeMs: z.number().nullable(),
  tiles: z.string(),
  grid: gridShape,
  crs: crsShape,
});

const counts = z.array(z.int());

export const coverageShape = z.object({
  z: z.int(),
  step: z.int(),
  minX: z.int(),
  minY: z.int(),
  columns: z.int(),
  rows: z.int(),
  present: counts,
  empty: counts,
  stale: counts,
  failed: counts,
});

export const tileInfoShape = z.object({
  z: z.int(),
  x: z.int(),
  y: z.int(),
  state: z.enum(["present", "empty", "stale", "failed", "missing"]),
  sizeBytes: z.int(),
  mediaType: z.string().nullable(),
  fetchedAtMs: z.number().nullable(),
  ageMs: z.number().nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  sha256: z.string().nullable(),
  attempts: z.int().nullable(),
  sourceId: z.string().nullable(),
  sourceUrl: z.string().nullable(),
  failure: fault.nullable(),
  bounds: box,
});

export const sourceShape = z.object({
  name: z.string(),
  title: z.string(),
  attribution: z.string(),
  kind: z.enum(["cache", "config", "catalogue"]),
  bulk: z.enum(["allowed", "forbidden", "ownKey", "unknown"]),
  minZoom: z.int().nullable(),
  maxZoom: z.int().nullable(),
  termsUrl: z.string().nullable(),
});

const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

/** What was served since the start of the server; times of the last 1,024 requests for tiles. */
const servedShape = z.object({
  tiles: z.object({ hit: z.int(), fetched: z.int(), enlarged: z.int(), missing: z.int() }),
  requests: z.int(),
  failed: z.int(),
  sentBytes: z.int(),
  tileMs: percentiles.nullable(),
});

export const statusShape = z.object({
  version: z.string(),
  role: z.enum(["reader", "operator"]),
  authenticated: z.boolean(),
  jobs: z.boolean(),
  cluster: z.boolean(),
  uptimeS: z.number(),
  maxTilesPerJob: z.int(),
  memoryBytes: z.int(),
  eventLoopLagMs: z.number(),
  threads: z.int(),
  tasks: z.int(),
  queue: z.object({ items: z.int(), bytes: z.int() }),
  served: servedShape,
});

export const hostShape = z.object({
  host: z.string(),
  breaker: z.enum(["closed", "open", "halfOpen"]),
  concurrencyLimit: z.number(),
  inFlight: z.int(),
  inFlightLive: z.int(),
  inFlightBatch: z.int(),
  pausedMs: z.number(),
  requests: z.int(),
  retries: z.int(),
  failures: z.int(),
  throttled: z.int(),
  requestsPerSecond: z.number(),
  latencyMs: percentiles.nullable(),
  lastErrors: z.array(z.object({ atMs: z.number(), code: z.string(), message: z.string() })),
});
