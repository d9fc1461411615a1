import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Workspace } from "../config/index.ts";
import { TilthError, type Clock, type Logger } from "../core/index.ts";
import type { Access } from "./access/access.ts";
import type { ServedCluster } from "./cluster/served_cluster.ts";
import type { JobManager } from "./jobs/job_manager.ts";
import type { JobCaches } from "./jobs/job_caches.ts";
import type { RequestMeter } from "./metrics/request_meter.ts";
import type { CacheRegistry } from "./served_cache.ts";

/** Jobs and what they need; only where there is a data folder. */
export interface JobRoom {
  readonly manager: JobManager;
  readonly caches: JobCaches;
  readonly maxTiles: number;
}

/** What routes under `/api` work on. */
export interface ApiContext {
  readonly registry: CacheRegistry;
  readonly workspace: Workspace | null;
  readonly jobs: JobRoom | null;
  readonly cluster: ServedCluster | null;
  readonly access: Access;
  readonly meter: RequestMeter;
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A server whose routes are typed by their schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** @throws `argument.invalid` where there is no data folder */
export function requireJobs({ jobs, workspace }: ApiContext): JobRoom & { workspace: Workspace } {
  if (jobs !== null && workspace !== null) return { ...jobs, workspace };
  throw new TilthError(
    "argument.invalid",
    "expected a server with a data folder; start it with --data DIR to run jobs",
  );
}

/** @throws `argument.invalid` where there is no cluster */
export function requireCluster({ cluster }: ApiContext): ServedCluster {
  if (cluster !== null) return cluster;
  throw new TilthError(
    "argument.invalid",
    "expected a server with a cluster; start it with --cluster postgres://USER@HOST/DATABASE to see its seeds",
  );
}

/** Name of the cache that shows what a job writes; null while there is none. */
export function cacheOfStore({ jobs, workspace }: ApiContext, store: string): string | null {
  const location = workspace?.locate(store) ?? null;
  return location === null ? null : (jobs?.caches.find(location) ?? null);
}
