import type { Db, JobAttempt, PgBoss } from "pg-boss";
import { silentLogger, type Logger } from "../../../core/index.ts";
import type { PostgresDatabase, PostgresTransaction } from "../../../postgres/index.ts";

/** Tables of the engine. */
const SCHEMA = "tilth_jobs";
const QUEUE = "block";
const DEAD_QUEUE = "dead_block";

/** A worker that says nothing for so long has lost its blocks. The least that the engine takes. */
export const HEARTBEAT_SECONDS = 10;
/** Attempts beyond the first before a block is dead; those that a killed worker has begun are among them. */
const RETRY_LIMIT = 8;
/** First wait before a failed block is tried again; doubles up to five minutes. */
const RETRY_DELAY_SECONDS = 1;
const MAX_RETRY_DELAY_SECONDS = 300;
/** Beyond any block: a lease ends by its heartbeat. */
const EXPIRE_SECONDS = 86_000;
/** How often lost workers are looked for, over all workers together. */
const TIDY_SECONDS = 3;

export interface BlockJob {
  readonly seed: string;
  readonly block: number;
}

export interface DeadJob extends BlockJob {
  /** Id that it had while it lived. */
  readonly job: string | null;
  readonly attempts: number;
  readonly error: string;
}

/** What the engine answers to a command; its own type says nothing of it. */
interface CommandAnswer {
  readonly affected?: number;
  /** Ids of the jobs that it was done to. */
  readonly settled?: readonly string[];
}

/** The job engine, pg-boss, on a pool of ours: one queue for all seeds, one job for each block in flight. */
export class JobQueue {
  readonly #boss: PgBoss;

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** Makes the engine's tables where they are missing. @throws `postgres.*` */
  static async open(database: PostgresDatabase, logger: Logger = silentLogger): Promise<JobQueue> {
    // Loaded when a cluster is opened, not with the library.
    const engine = await import("pg-boss");
    const boss = new engine.PgBoss({
      db: engineDatabase(database),
      schema: SCHEMA,
      schedule: false,
      // Its timers stay off: who calls `tidy` decides when.
      supervise: false,
      registerInstance: false,
      monitorVacuum: false,
      reindex: false,
      monitorIntervalSeconds: TIDY_SECONDS,
      maintenanceIntervalSeconds: 60,
    });
    boss.on("error", (error) => logger.warn("Engine:Error", { error }));
    boss.on("warning", (warning) => logger.warn("Engine:Warning", { message: warning.message }));
    await boss.start();
    await createQueues(boss);
    return new JobQueue(boss);
  }

  /** A block that is waiting or in work already gets no second job. */
  async insert(transaction: PostgresTransaction, jobs: readonly BlockJob[]): Promise<void> {
    const rows = jobs.map((data) => ({ data, singletonKey: `${data.seed}:${data.block}`, group: { id: data.seed } }));
    await this.#boss.insert(QUEUE, rows, { db: engineDatabase(transaction), returnId: false });
  }

  /** The oldest waiting job, of none of these seeds; it is ours from now on. */
  async fetch(
    transaction: PostgresTransaction,
    withoutSeeds: readonly string[],
  ): Promise<(BlockJob & JobAttempt) | null> {
    const ignoreGroups = withoutSeeds.length === 0 ? null : [...withoutSeeds];
    const [job] = await this.#boss.fetch<BlockJob>(QUEUE, { db: engineDatabase(transaction), ignoreGroups });
    return job === undefined ? null : { id: job.id, retryCount: job.retryCount, ...job.data };
  }

  /** Keeps jobs alive. @returns ids of those that are still ours */
  async touch(transaction: PostgresTransaction, attempts: readonly JobAttempt[]): Promise<ReadonlySet<string>> {
    if (attempts.length === 0) return new Set();
    const db = engineDatabase(transaction);
    const answer: CommandAnswer = await this.#boss.touch(QUEUE, [...attempts], { db });
    return new Set(answer.settled);
  }

  /** Takes a job out: its block is done, or given back. False when it is no longer ours. */
  async remove(transaction: PostgresTransaction, attempt: JobAttempt): Promise<boolean> {
    const answer: CommandAnswer = await this.#boss.deleteJob(QUEUE, attempt, { db: engineDatabase(transaction) });
    return answer.affected === 1;
  }

  async removeAll(transaction: PostgresTransaction, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.deleteJob(QUEUE, [...ids], { db: engineDatabase(transaction) });
  }

  /** To be tried again later, or dead. */
  async fail(transaction: PostgresTransaction, attempt: JobAttempt, message: string): Promise<void> {
    await this.#boss.fail(QUEUE, attempt, { message }, { db: engineDatabase(transaction) });
  }

  /** Jobs that have failed too often, with why; they are out of the engine then. */
  async takeDead(transaction: PostgresTransaction): Promise<DeadJob[]> {
    const db = engineDatabase(transaction);
    const jobs = await this.#boss.fetch<BlockJob>(DEAD_QUEUE, { db, batchSize: 100, includeMetadata: true });
    if (jobs.length > 0) {
      const ids = jobs.map(({ id }) => id);
      await this.#boss.deleteJob(DEAD_QUEUE, ids, { db });
    }
    return jobs.map(({ data, sourceId, sourceOutput, sourceRetryCount }) => ({
      ...data,
      job: sourceId,
      attempts: (sourceRetryCount ?? 0) + 1,
      error: messageOfOutput(sourceOutput),
    }));
  }

  /** Jobs whose worker is silent wait again; done by one process at a time, and not more often than every few seconds. */
  async tidy(): Promise<void> {
    await this.#boss.supervise(QUEUE);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }
}

async function createQueues(boss: PgBoss): Promise<void> {
  const dead = await boss.getQueue(DEAD_QUEUE);
  if (dead === null) await boss.createQueue(DEAD_QUEUE, { policy: "standard", retentionSeconds: 31_536_000 });
  if ((await boss.getQueue(QUEUE)) !== null) return;
  await boss.createQueue(QUEUE, {
    // At most one job for each block, waiting or active.
    policy: "exclusive",
    deadLetter: DEAD_QUEUE,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: EXPIRE_SECONDS,
    retryLimit: RETRY_LIMIT,
    retryDelay: RETRY_DELAY_SECONDS,
    retryBackoff: true,
    retryDelayMax: MAX_RETRY_DELAY_SECONDS,
    // A paused seed keeps its waiting jobs for a year.
    retentionSeconds: 31_536_000,
    deleteAfterSeconds: 60,
  });
}

function messageOfOutput(output: object | null): string {
  const { message } = (output ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : "lost with its worker, again and again";
}

/** What the engine asks for: statements on our pool, or within a transaction of ours. */
function engineDatabase(on: Pick<PostgresTransaction, "query">): Db {
  return { executeSql: async (text, values) => ({ rows: await on.query(text, values ?? []) }) };
}
