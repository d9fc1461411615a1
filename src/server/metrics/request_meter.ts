import type { FastifyInstance } from "fastify";
import type { TileOutcome } from "../answer_tile.ts";

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
}

/** Plain numbers, because a cached tile is answered in 40 us and a labelled counter of a library costs 1 to 2 of them. */
export class RequestMeter {
  readonly kinds: Readonly<Record<RequestKind, RequestCounts>> = { tile: none(), api: none(), document: none() };
  readonly tiles: Record<TileOutcome, number> = { hit: 0, fetched: 0, enlarged: 0, missing: 0 };

  readonly countTile = (outcome: TileOutcome): void => {
    this.tiles[outcome] += 1;
  };

  /** Counts every request of the server. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", async (request, reply) => {
      this.count(kindOf(request.url), reply.statusCode, reply.elapsedTime / 1000);
    });
  }

  count(kind: RequestKind, status: number, seconds: number): void {
    const { statuses, buckets } = this.kinds[kind];
    const bucket = REQUEST_BOUNDS_S.findIndex((bound) => seconds <= bound);
    const [row, column] = [Math.floor(status / 100) - 1, bucket < 0 ? REQUEST_BOUNDS_S.length : bucket];
    statuses[row] = (statuses[row] ?? 0) + 1;
    buckets[column] = (buckets[column] ?? 0) + 1;
    this.kinds[kind].sumSeconds += seconds;
  }
}

function none(): RequestCounts {
  return { statuses: [0, 0, 0, 0, 0], buckets: Array<number>(REQUEST_BOUNDS_S.length + 1).fill(0), sumSeconds: 0 };
}

function kindOf(url: string): RequestKind {
  if (url.startsWith("/tiles/") || url.startsWith("/tms/")) return "tile";
  return url.startsWith("/api/") ? "api" : "document";
}
