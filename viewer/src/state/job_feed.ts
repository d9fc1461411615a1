import type { ServerEvent } from "../api/event_stream.ts";
import type { Job } from "../api/job_types.ts";
import { applyEvent } from "./job_list.ts";
import type { Signal } from "./signal.ts";

type JobNews = Extract<ServerEvent, { kind: "job" | "removed" }>;

/**
 * Brings answers and events into one list. What an event told while an answer was under way outlives the answer: the server may have made the answer before, and
 * it tells each change, so the last word on a job always comes as an event (a list that was read while a job ran once left it running for ever on the page).
 */
export class JobFeed {
  readonly #jobs: Signal<readonly Job[]>;
  /** For each answer under way, the last event of each job since it was asked for. */
  readonly #heard = new Set<Map<string, JobNews>>();

  constructor(jobs: Signal<readonly Job[]>) {
    this.#jobs = jobs;
  }

  hear(event: JobNews): void {
    const id = event.kind === "job" ? event.job.id : event.id;
    for (const heard of this.#heard) heard.set(id, event);
    this.#jobs.value = applyEvent(this.#jobs.value, event);
  }

  /** @param place the list with the answer in it */
  async ask<Answer>(
    request: () => Promise<Answer>,
    place: (jobs: readonly Job[], answer: Answer) => readonly Job[],
  ): Promise<Answer> {
    const heard = new Map<string, JobNews>();
    this.#heard.add(heard);
    try {
      const answer = await request();
      this.#jobs.value = [...heard.values()].reduce(applyEvent, place(this.#jobs.value, answer));
      return answer;
    } finally {
      this.#heard.delete(heard);
    }
  }
}
