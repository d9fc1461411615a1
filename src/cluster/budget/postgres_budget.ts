import { migrate, type PostgresDatabase } from "../../postgres/index.ts";
import { answerAsk, answerLeave } from "./answer_ask.ts";
import type { BudgetAnswer, BudgetAsk, BudgetBook, BudgetNews, WatchBudgetOptions } from "./budget_book.ts";
import { CHANNEL, lockHost, saveHost, SWEEPS, type HostChange } from "./host_rows.ts";
import type { HostBudget } from "./host_budget.ts";
import { COMPONENT, MIGRATIONS, SCHEMA } from "./tables.ts";

/** Asks after which rows of hosts and workers that are gone are removed; at 100 asks a second, every few seconds by one of all workers. */
const SWEEP_EVERY = 1000;

interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Opens the book in a database, and makes its tables where there are none. The database stays the caller's; it is best one of its own with
 * two connections: behind the batches of a store a lease would come too late.
 * @throws `postgres.*`
 */
export async function openPostgresBudget(
  database: PostgresDatabase,
  { signal }: CallOptions = {},
): Promise<PostgresBudget> {
  await migrate(database, { schema: SCHEMA, component: COMPONENT, migrations: MIGRATIONS, signal });
  const budget = new PostgresBudget(database);
  await budget.sweep({ signal });
  return budget;
}

/** The book of a cluster, in the database that all its workers know. A call is one short transaction, which holds the row of its host. */
export class PostgresBudget implements BudgetBook {
  readonly #database: PostgresDatabase;
  #asks = 0;

  /** @see openPostgresBudget */
  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async ask(ask: BudgetAsk, options: CallOptions = {}): Promise<BudgetAnswer> {
    this.#asks += 1;
    if (this.#asks % SWEEP_EVERY === 0) await this.sweep(options);
    return this.#change(ask.host, options, (budget, nowMs) => {
      const { answer, news, gone } = answerAsk(budget, ask, nowMs);
      return { member: ask.member, news, gone, result: answer };
    });
  }

  async leave(host: string, member: string, options: CallOptions = {}): Promise<void> {
    await this.#change(host, options, (budget, nowMs) => {
      return { member, ...answerLeave(budget, host, member, nowMs), result: null };
    });
  }

  watch(onNews: (news: BudgetNews) => void, { onGap }: WatchBudgetOptions = {}): Promise<AsyncDisposable> {
    const onNotification = (payload: string): void => {
      const news = readNews(payload);
      if (news !== null) onNews(news);
    };
    return this.#database.listen(CHANNEL, onNotification, { onGap });
  }

  /** Removes rows of workers and hosts that are gone for long. */
  async sweep({ signal }: CallOptions = {}): Promise<void> {
    for (const statement of SWEEPS) await this.#database.query(statement, [], { signal });
  }

  #change<T>(
    host: string,
    { signal }: CallOptions,
    decide: (budget: HostBudget, nowMs: number) => HostChange & { result: T },
  ): Promise<T> {
    return this.#database.transaction(
      async (transaction) => {
        const { budget, nowMs } = await lockHost(transaction, host);
        const change = decide(budget, nowMs);
        await saveHost(transaction, host, budget, change);
        return change.result;
      },
      { signal },
    );
  }
}

/** null for what no program of ours has sent: anybody may NOTIFY. */
function readNews(payload: string): BudgetNews | null {
  try {
    const news = JSON.parse(payload) as BudgetNews;
    const { version, pausedForMs } = news.condition;
    const isNews = typeof news.host === "string" && Array.isArray(news.next);
    return isNews && Number.isFinite(version) && Number.isFinite(pausedForMs) ? news : null;
  } catch {
    return null;
  }
}
