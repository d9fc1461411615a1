import type { Fault, LonLatBox } from "./types.ts";

/** A GeoJSON object that names an area. */
export interface GeoJson {
  type: string;
  [member: string]: unknown;
}

export interface JobRequest {
  source: string;
  bbox?: LonLatBox;
  coverage?: GeoJson;
  /** `0-12` or a list. */
  zooms: string | number[];
  /** A file within the server's data folder. */
  store?: string;
  grid?: string;
  layer?: string;
  style?: string;
  matrixSet?: string;
  resampling?: string;
  format?: string;
  quality?: number;
  retries?: number;
  refresh?: string;
}

export interface Estimate {
  planned: number;
  levels: { z: number; count: number }[];
  sampled: number;
  sampledEmpty: number;
  /** Null without a sample, as the next two. */
  bytes: number | null;
  seconds: number | null;
  tilesPerSecond: number | null;
  maxTiles: number;
  allowed: boolean;
  reason: string | null;
}

export type JobState = "queued" | "running" | "paused" | "done" | "incomplete" | "failed" | "cancelled";
export type JobAction = "pause" | "resume" | "cancel" | "retry" | "remove";

/** What became of tiles so far; progress and report share these. */
export interface Outcomes {
  planned: number;
  present: number;
  stored: number;
  empty: number;
  rejected: number;
  failed: number;
  cancelled: number;
  bytes: number;
}

export interface Progress extends Outcomes {
  done: number;
  requests: number;
  retries: number;
  elapsedMs: number;
  tilesPerSecond: number;
  etaMs: number | null;
  zoom: number | null;
}

export interface Job {
  id: string;
  request: JobRequest;
  cache: string | null;
  state: JobState;
  actions: JobAction[];
  createdAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  planned: number | null;
  progress: Progress | null;
  report: Partial<Outcomes> | null;
  error: Fault | null;
}

/** Tiles `minX` to `maxX` of row `y` that failed for one reason. */
export interface FailedRun extends Fault {
  z: number;
  y: number;
  minX: number;
  maxX: number;
}
