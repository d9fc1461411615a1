import { z } from "zod";

/** Caps of a file that a person writes. */
const MAX_NAMED = 1000;

const name = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, "expected a name of letters, digits, '_', '-' and '.'");
const text = z.string().max(8192);
const duration = z.string().regex(/^\d+(?:\.\d+)?\s*(?:ms|s|min|m|h|d|w)$/, "expected a duration such as 30s or 90d");
const rate = z.string().regex(/^\d+(?:\.\d+)?\s*(?:\/\s*(?:s|m|min|h))?$/, "expected a rate such as 20/s");

/** How a source is opened: the words of `tilth seed`. */
const access = {
  layer: text.optional(),
  style: text.optional(),
  matrixSet: text.optional(),
  format: text.optional(),
  dimensions: z.record(text, text).optional(),
  headers: z.record(text, text).optional(),
  tms: z.boolean().optional(),
  tileSize: z.int().min(64).max(4096).optional(),
  minZoom: z.int().min(0).max(30).optional(),
  maxZoom: z.int().min(0).max(30).optional(),
};

const source = z.strictObject({
  /** Template, capabilities URL or file, archive, name of the catalogue. Secrets as `${NAME}`. */
  source: text.min(1),
  title: text.optional(),
  attribution: text.optional(),
  ...access,
});

const cache = z.strictObject({
  /** Name of `sources`, or whatever a source may be; nothing: the file alone is served. */
  source: text.min(1).optional(),
  /** Where its tiles rest, beside this file. */
  file: text.min(1),
  title: text.optional(),
  attribution: text.optional(),
  grid: text.optional(),
  resampling: text.optional(),
  format: text.optional(),
  quality: z.int().min(1).max(100).optional(),
  /** Tiles older than this are renewed when asked for. */
  maxAge: duration.optional(),
  /** Stale tiles are given at once and renewed behind the caller's back, so many at a time; 0: the caller waits. */
  staleRefreshes: z.int().min(0).max(1000).default(16),
});

const server = z.strictObject({
  host: text.optional(),
  port: z.int().min(0).max(65_535).optional(),
  data: text.min(1).optional(),
  /** YAML takes `204` for a number. */
  missing: z.preprocess(
    (value) => (typeof value === "number" ? String(value) : value),
    z.enum(["404", "204", "blank"]).optional(),
  ),
  /** Below the deepest level of a cache tiles are cut out of the level above. */
  enlarge: z.boolean().optional(),
  allowHosts: z.array(text.min(1)).max(MAX_NAMED).optional(),
  maxJobTiles: z.int().min(1).optional(),
  maxRunningJobs: z.int().min(1).max(64).optional(),
  onRestart: z.enum(["resume", "pause"]).optional(),
  requestsPerMinute: z.int().min(1).optional(),
  /** Addresses or blocks of the proxies before this server. */
  trustProxy: z.array(text.min(1)).max(MAX_NAMED).optional(),
});

const host = z.strictObject({
  concurrency: z.union([z.literal("auto"), z.int().min(1).max(1024)]).optional(),
  rate: rate.optional(),
});

const limited = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .record(name, schema)
    .refine((all) => Object.keys(all).length <= MAX_NAMED, `expected at most ${MAX_NAMED}`)
    .default({});

/** `tilth.yaml`. */
export const serveConfigSchema = z.strictObject({
  version: z.literal(1),
  server: server.default({}),
  sources: limited(source),
  caches: limited(cache),
  /** By `host` or `host:port`: how hard it may be pressed. */
  hosts: z.record(text.min(1), host).default({}),
});

export type ServeConfig = z.infer<typeof serveConfigSchema>;
export type ConfiguredSource = ServeConfig["sources"][string];
export type ConfiguredCache = ServeConfig["caches"][string];

export function describeConfigFault(cause: unknown): string | null {
  return cause instanceof z.ZodError ? z.prettifyError(cause) : null;
}
