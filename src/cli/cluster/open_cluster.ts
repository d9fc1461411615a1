import { openPostgresBook, type ClusterBook } from "../../cluster/index.ts";
import { TilthError, type Logger } from "../../core/index.ts";
import { isStoreUrl } from "../../store/index.ts";

/** Where the books are; the environment may say it. */
export interface ClusterArguments {
  cluster?: string;
}

/** @throws `argument.invalid` when no cluster is named, `postgres.*` */
export async function openCluster(
  { cluster }: ClusterArguments,
  options: { signal: AbortSignal; logger: Logger },
): Promise<ClusterBook> {
  return openPostgresBook(clusterUrl(cluster), options);
}

export function clusterUrl(cluster: string | undefined): string {
  if (cluster !== undefined && isStoreUrl(cluster)) return cluster;
  throw new TilthError(
    "argument.invalid",
    `expected --cluster postgres://USER@HOST/DATABASE (or the environment variable TILTH_CLUSTER), got ${cluster === undefined ? "none" : "another address"}`,
  );
}
