// What the server says: see docs/design/2026-11-24-http-api.md. Times are UTC milliseconds, sizes bytes, boxes degrees.

/** West, south, east, north, degrees; west > east crosses the antimeridian. */
export type LonLatBox = [west: number, south: number, east: number, north: number];

/** In units of a CRS, x east and y north. */
export type Extent = [minX: number, minY: number, maxX: number, maxY: number];

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What was served since the start of the server. */
export interface Served {
  tiles: { hit: number; fetched: number; enlarged: number; missing: number };
  requests: number;
  /** Answered with 5xx. */
  failed: number;
  sentBytes: number;
  /** Of the last 1,024 requests for tiles. */
  tileMs: Percentiles | null;
}

export interface Status {
  version: string;
  role: "reader" | "operator";
  authenticated: boolean;
  jobs: boolean;
  cluster: boolean;
  uptimeS: number;
  maxTilesPerJob: number;
  memoryBytes: number;
  eventLoopLagMs: number;
  threads: number;
  tasks: number;
  queue: { items: number; bytes: number };
  served: Served;
}

export interface CrsName {
  code: string;
  name: string;
  kind: "projected" | "geographic";
}

export interface Crs extends CrsName {
  unit: string;
  metresPerUnit: number;
  axisOrder: "xy" | "yx";
  /** For proj4; null when it has no arithmetic for this one. */
  proj: string | null;
  areaOfUse: LonLatBox;
  extent: Extent;
}

export interface GridLevel {
  z: number;
  cellSize: number;
  /** Upper left corner. */
  origin: [x: number, y: number];
  tileWidth: number;
  tileHeight: number;
  matrixWidth: number;
  matrixHeight: number;
}

export interface Grid {
  id: string;
  title: string;
  extent: Extent;
  levels: GridLevel[];
}

export interface Cache {
  name: string;
  title: string;
  attribution: string;
  format: string | null;
  minZoom: number;
  maxZoom: number;
  bounds: LonLatBox;
  live: boolean;
  source: { id: string; title: string } | null;
  maxAgeMs: number | null;
  tiles: string;
  grid: Grid;
  crs: Crs;
}

/** Counts of tiles in cells of `step` x `step`, row-major from the top. */
export interface Coverage {
  z: number;
  step: number;
  minX: number;
  minY: number;
  columns: number;
  rows: number;
  present: number[];
  empty: number[];
  stale: number[];
  failed: number[];
}

export type TileState = "present" | "empty" | "stale" | "failed" | "missing";

export interface Fault {
  code: string;
  message: string;
}

export interface TileInfo {
  z: number;
  x: number;
  y: number;
  state: TileState;
  sizeBytes: number;
  mediaType: string | null;
  fetchedAtMs: number | null;
  ageMs: number | null;
  etag: string | null;
  lastModified: string | null;
  sha256: string | null;
  attempts: number | null;
  sourceId: string | null;
  sourceUrl: string | null;
  failure: Fault | null;
  bounds: LonLatBox;
}

export interface Source {
  name: string;
  title: string;
  attribution: string;
  kind: "cache" | "config" | "catalogue";
  bulk: "allowed" | "forbidden" | "ownKey" | "unknown";
  minZoom: number | null;
  maxZoom: number | null;
  termsUrl: string | null;
}

export interface GridName {
  id: string;
  title: string;
  crs: string;
}

export interface Host {
  host: string;
  breaker: "closed" | "open" | "halfOpen";
  concurrencyLimit: number;
  inFlight: number;
  pausedMs: number;
  requests: number;
  retries: number;
  failures: number;
  throttled: number;
  requestsPerSecond: number;
  latencyMs: Percentiles | null;
  lastErrors: { atMs: number; code: string; message: string }[];
}
