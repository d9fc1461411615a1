import type { Outcomes } from "./job_types.ts";

export type SeedState = "running" | "paused" | "cancelled" | "ended";
export type SeedAction = "pause" | "resume" | "cancel" | "retry";

export interface SeedWorker {
  worker: string;
  /** In its hands. */
  blocks: number;
  stored: number;
  tilesPerSecond: number;
  /** Since it was last heard of, ms. */
  silentMs: number;
}

/** A seed that many machines work on. */
export interface Seed extends Outcomes {
  id: string;
  source: string;
  cache: string;
  zooms: number[];
  state: SeedState;
  actions: SeedAction[];
  submittedAtMs: number;
  endedAtMs: number | null;
  /** Tiles without an outcome yet. */
  open: number;
  tilesPerSecond: number;
  etaSeconds: number | null;
  complete: boolean;
  /** Failed tiles by error code. */
  failures: Record<string, number>;
  blocks: { queued: number; leased: number; dead: number; done: number };
  workers: SeedWorker[];
}

/** A part of a seed that failed too often. */
export interface DeadBlock {
  number: number;
  range: { z: number; minX: number; minY: number; maxX: number; maxY: number };
  attempts: number;
  error: string;
}

export interface SeedDetail extends Seed {
  dead: DeadBlock[];
}
