import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isTilthError, TilthError, type Clock } from "../../core/index.ts";
import { EXTRACT } from "./advice.ts";
import { makeFolder, orNull, unusable } from "./whole_file.ts";

export interface DailyBudget {
  readonly requests: number;
  readonly bytes: number;
}

/** What the public service asks of its users (wiki.openstreetmap.org/wiki/Overpass_API, 'Public Overpass API instances'): 10,000 requests and 1 GB a day. */
export const PUBLIC_BUDGET: DailyBudget = { requests: 10_000, bytes: 1_000_000_000 };

/**
 * Counts requests and bytes of a day (UTC) for one service, so that runs one after another, and beside each other, share the budget: a line for each request at the end of a
 * file, which the system appends as a whole.
 */
export class BudgetMeter {
  readonly #path: string;
  readonly #budget: DailyBudget;
  readonly #clock: Clock;

  /** @param path the day and an ending are put behind it */
  constructor(path: string, budget: DailyBudget, clock: Clock) {
    this.#path = path;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** @throws `overpass.budget` when nothing is left of today's, `store.io` */
  async requireLeft(): Promise<void> {
    const { requests, bytes } = await this.#today();
    const { requests: maxRequests, bytes: maxBytes } = this.#budget;
    if (requests < maxRequests && bytes < maxBytes) return;
    throw new TilthError(
      "overpass.budget",
      `today's budget of ${maxRequests} requests and ${maxBytes} bytes is used up (${requests} requests, ${bytes} bytes); go on tomorrow, what was fetched is kept, or ${EXTRACT}`,
      { fields: { requests, bytes } },
    );
  }

  /** A request, with what came of its answer. @throws `store.io` */
  async add(bytes: number): Promise<void> {
    const path = this.#pathOfDay();
    try {
      await makeFolder(dirname(path));
      await appendFile(path, `${bytes}\n`);
      await this.#forgetOtherDays();
    } catch (cause) {
      throw isTilthError(cause) ? cause : unusable(path, cause);
    }
  }

  async #today(): Promise<DailyBudget> {
    const path = this.#pathOfDay();
    const text = (await orNull(path, readFile(path, "utf8"))) ?? "";
    // What is damaged counts as a request.
    const sizes = text.split("\n").slice(0, -1);
    return { requests: sizes.length, bytes: sizes.reduce((sum, size) => sum + (Number(size) || 0), 0) };
  }

  #pathOfDay(): string {
    return `${this.#path}_${new Date(this.#clock.now()).toISOString().slice(0, 10)}.txt`;
  }

  async #forgetOtherDays(): Promise<void> {
    const [folder, today] = [dirname(this.#path), basename(this.#pathOfDay())];
    const start = `${basename(this.#path)}_`;
    for (const name of await readdir(folder))
      if (name.startsWith(start) && name < today) await rm(join(folder, name), { force: true });
  }
}
