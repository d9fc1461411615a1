import { readFile } from "node:fs/promises";
import { TilthError, type Clock } from "../../core/index.ts";
import { orNull, writeWholeFile } from "./whole_file.ts";

export interface DailyBudget {
  readonly requests: number;
  readonly bytes: number;
}

/** What the public service asks of its users (wiki.openstreetmap.org/wiki/Overpass_API, 'Public Overpass API instances'): 10,000 requests and 1 GB a day. */
export const PUBLIC_BUDGET: DailyBudget = { requests: 10_000, bytes: 1_000_000_000 };

interface Used {
  day: string;
  requests: number;
  bytes: number;
}

/** Counts requests and bytes of a day (UTC) for one service, in a file, so that runs one after another share the budget. */
export class BudgetMeter {
  readonly #path: string;
  readonly #budget: DailyBudget;
  readonly #clock: Clock;

  constructor(path: string, budget: DailyBudget, clock: Clock) {
    this.#path = path;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** @throws `overpass.budget` when nothing is left of today's */
  async requireLeft(): Promise<void> {
    const { requests, bytes } = await this.#today();
    const { requests: maxRequests, bytes: maxBytes } = this.#budget;
    if (requests < maxRequests && bytes < maxBytes) return;
    throw new TilthError(
      "overpass.budget",
      `today's budget of ${maxRequests} requests and ${maxBytes} bytes is used up (${requests} requests, ${bytes} bytes); go on tomorrow, what was fetched is kept, or read an extract with --from`,
      { fields: { requests, bytes } },
    );
  }

  async add(bytes: number): Promise<void> {
    const used = await this.#today();
    used.requests += 1;
    used.bytes += bytes;
    await writeWholeFile(this.#path, JSON.stringify(used), this.#clock.now());
  }

  async #today(): Promise<Used> {
    const day = new Date(this.#clock.now()).toISOString().slice(0, 10);
    // Read each time: other jobs count in the same file.
    const used = await this.#read();
    return used.day === day ? used : { day, requests: 0, bytes: 0 };
  }

  async #read(): Promise<Used> {
    const text = await orNull(this.#path, readFile(this.#path, "utf8"));
    return (text === null ? null : parseUsed(text)) ?? { day: "", requests: 0, bytes: 0 };
  }
}

/** Null for a file that was damaged: counting begins anew. */
function parseUsed(text: string): Used | null {
  try {
    const { day, requests, bytes } = JSON.parse(text) as Used;
    return typeof day === "string" && requests >= 0 && bytes >= 0 ? { day, requests, bytes } : null;
  } catch {
    return null;
  }
}
