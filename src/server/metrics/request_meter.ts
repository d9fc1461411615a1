import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import type { TileOutcome } from "../answer_tile.ts";
import { RecentTimes, type Percentiles } from "./recent_times.ts";

/** Upper bounds of the buckets, seconds: a cached tile takes 0.1 ms, one from upstream what that takes. */
export const REQUEST_BOUNDS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] as const;

export type RequestKind = "tile" | "api" | "document";

/** Counts of one kind of request. */
export interface RequestCounts {
  /** By class of status: 1xx at 0 ... 5xx at 4. */
  readonly statuses: number[];
  /** By bucket, the last one for those beyond all bounds. */
  readonly buckets: number[];
  sumSeconds: number;
  /** What was written for answers, headers among it. */
  sentBytes: number;
}

/** All of it in few numbers, since the start. */
export interface ServedSummary {
  readonly tiles: Record<TileOutcome, number>;
  readonly requests: number;
  /** Those that ended in 5xx. */
  readonly failed: number;
  readonly sentBytes: number;
  /** Of the last 1,024 requests for tiles, whatever became of them; null before the first. */
  readonly tileMs: Percentiles | null;
}

/** Plain numbers, because a cached tile is answered in 40 us and a labelled counter of a library costs 1 to 2 of them. */
export class RequestMeter {
  readonly kinds: Readonly<Record<RequestKind, RequestCounts>> = { tile: none(), api: none(), document: none() };
  readonly tiles: Record<TileOutcome, number> = { hit: 0, fetched: 0, enlarged: 0, missing: 0 };

  readonly #tileTimes = new RecentTimes();
  /** What had been written to a connection after its last answer: the difference is what the next one weighs, compressed or streamed. */
  readonly #written = new WeakMap<Socket, number>();

  readonly countTile = (outcome: TileOutcome): void => {
    this.tiles[outcome] += 1;
  };

  /** Counts every request of the server. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", async (request, reply) => {
      const sentBytes = this.#takeWritten(request.raw.socket);
      // By the route that was found: an address may be spelt in other ways.
      this.count(kindOf(request.routeOptions.url ?? ""), reply.statusCode, reply.elapsedTime / 1000, sentBytes);
    });
  }

  count(kind: RequestKind, status: number, seconds: number, sentBytes = 0): void {
    const counts = this.kinds[kind];
    const { statuses, buckets } = counts;
    const bucket = REQUEST_BOUNDS_S.findIndex((bound) => seconds <= bound);
    const [row, column] = [Math.floor(status / 100) - 1, bucket < 0 ? REQUEST_BOUNDS_S.length : bucket];
    statuses[row] = (statuses[row] ?? 0) + 1;
    buckets[column] = (buckets[column] ?? 0) + 1;
    counts.sumSeconds += seconds;
    counts.sentBytes += sentBytes;
    if (kind === "tile") this.#tileTimes.add(seconds * 1000);
  }

  readSummary(): ServedSummary {
    const counts = Object.values(this.kinds);
    const sum = (read: (one: RequestCounts) => number): number => counts.reduce((all, one) => all + read(one), 0);
    return {
      tiles: { ...this.tiles },
      requests: sum(({ statuses }) => statuses.reduce((all, count) => all + count, 0)),
      failed: sum(({ statuses }) => statuses[4] ?? 0),
      sentBytes: sum(({ sentBytes }) => sentBytes),
      tileMs: this.#tileTimes.readPercentiles(),
    };
  }

  #takeWritten(socket: Socket): number {
    const before = this.#written.get(socket) ?? 0;
    // Undefined of a connection that has broken.
    const written = (socket.bytesWritten as number | undefined) ?? before;
    this.#written.set(socket, written);
    return written - before;
  }
}

function none(): RequestCounts {
  const buckets = Array<number>(REQUEST_BOUNDS_S.length + 1).fill(0);
  return { statuses: [0, 0, 0, 0, 0], buckets, sumSeconds: 0, sentBytes: 0 };
}

function kindOf(url: string): RequestKind {
  if (url.startsWith("/tiles/") || url.startsWith("/tms/")) return "tile";
  return url.startsWith("/api/") ? "api" : "document";
}
