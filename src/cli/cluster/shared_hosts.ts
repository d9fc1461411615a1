import { acquirePlace, ClusterHosts, openPostgresBudget } from "../../cluster/index.ts";
import type { Logger } from "../../core/index.ts";
import type { HostPolicy, HostShare } from "../../net/index.ts";
import type { OperatorSlot } from "../../osm/index.ts";
import { openPostgres, type PostgresDatabase } from "../../postgres/index.ts";
import { clusterUrl } from "./open_cluster.ts";

/** Limits of hosts, and slots of operators, for all machines of a cluster. */
export class SharedHosts implements AsyncDisposable {
  readonly #database: PostgresDatabase;
  readonly #hosts: ClusterHosts;

  private constructor(database: PostgresDatabase, hosts: ClusterHosts) {
    this.#database = database;
    this.#hosts = hosts;
  }

  /** On connections of its own: behind the batches of a store a lease would come too late. @throws `argument.invalid`, `postgres.*` */
  static async open(url: string, context: { logger: Logger; signal: AbortSignal }): Promise<SharedHosts> {
    const database = await openPostgres(clusterUrl(url), { maxConnections: 2, signal: context.signal });
    try {
      const book = await openPostgresBudget(database, context);
      return new SharedHosts(database, await ClusterHosts.open({ book, logger: context.logger }));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** For `HttpClient`; bound to this object. */
  readonly shareHost = (host: string, policy: HostPolicy): HostShare => this.#hosts.shareHost(host, policy);

  /** Bound to this object. */
  readonly shareOperator = (operator: string): OperatorSlot => {
    const share = this.#hosts.shareHost(`operator:${operator}`, { concurrency: 1 });
    return { acquire: (options) => acquirePlace(share, options), rest: (ms) => share.pause(ms) };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hosts.close();
    await this.#database.close();
  }
}
