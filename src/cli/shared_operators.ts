import { acquirePlace, ClusterHosts, openPostgresBudget } from "../cluster/index.ts";
import { TilthError, type Logger } from "../core/index.ts";
import type { OperatorSlot } from "../osm/index.ts";
import { isPostgresUrl, openPostgres, type PostgresDatabase } from "../postgres/index.ts";

/** One slot of each operator for all machines of a cluster. */
export class SharedOperators implements AsyncDisposable {
  readonly #database: PostgresDatabase;
  readonly #hosts: ClusterHosts;

  private constructor(database: PostgresDatabase, hosts: ClusterHosts) {
    this.#database = database;
    this.#hosts = hosts;
  }

  /** @throws `argument.invalid`, `postgres.*` */
  static async open(url: string, context: { logger: Logger; signal: AbortSignal }): Promise<SharedOperators> {
    // What was got is not shown: a password may stand in it.
    if (!isPostgresUrl(url))
      throw new TilthError("argument.invalid", "expected --cluster postgres://USER@HOST/DATABASE, got another address");
    const database = await openPostgres(url, { maxConnections: 2, signal: context.signal });
    try {
      const book = await openPostgresBudget(database, context);
      return new SharedOperators(database, await ClusterHosts.open({ book, logger: context.logger }));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Bound to this object. */
  readonly share = (operator: string): OperatorSlot => {
    const share = this.#hosts.shareHost(`operator:${operator}`, { concurrency: 1 });
    return { acquire: (options) => acquirePlace(share, options), rest: (ms) => share.pause(ms) };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hosts.close();
    await this.#database.close();
  }
}
