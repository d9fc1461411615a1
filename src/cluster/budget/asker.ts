import { isTilthError, type Clock, type Logger } from "../../core/index.ts";

export interface AskerOptions {
  readonly clock: Clock;
  /** Asks once. */
  readonly send: (signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly host: string;
  /** 0..1 */
  readonly random: () => number;
}

/** An answer that takes longer is given up. */
const ANSWER_MS = 5000;
const FIRST_RETRY_MS = 100;
/** Short, so that work goes on soon after the database is back. */
const LAST_RETRY_MS = 2000;

/** When the book is asked: one question at a time, more slowly while it cannot be reached. */
export class Asker {
  readonly #options: AskerOptions;
  #running: Promise<void> | null = null;
  #isAgain = false;
  #failures = 0;
  #stopTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  get isAsking(): boolean {
    return this.#running !== null;
  }

  /** Now, or as soon as the question under way is answered. While the book cannot be reached: when it is tried again. */
  askNow(): void {
    if (this.#running !== null) this.#isAgain = true;
    else if (this.#failures === 0) this.#start();
  }

  /** In so many ms, unless something comes up before. */
  askIn(delayMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    if (this.#isStopped) return;
    this.#stopTimer = this.#options.clock.setTimer(() => this.#start(), delayMs);
  }

  /** No more questions, until the next `askNow`. */
  rest(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#isAgain = false;
  }

  /** Resolves when none is under way; none is begun any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.rest();
    await this.#running;
  }

  #start(): void {
    if (this.#isStopped || this.#running !== null) return;
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, send } = this.#options;
    const abort = new AbortController();
    const stopTimer = clock.setTimer(() => abort.abort(), ANSWER_MS);
    let error: unknown = null;
    try {
      const sending = send(abort.signal);
      // What came up while the question was made is in it.
      this.#isAgain = false;
      await sending;
    } catch (caught) {
      error = caught;
    } finally {
      stopTimer();
      this.#running = null;
    }
    if (error !== null) this.#onFailure(error);
    else this.#onSuccess();
  }

  #onSuccess(): void {
    const { logger, host } = this.#options;
    if (this.#failures > 0) logger.info("Budget:Back", { host });
    this.#failures = 0;
    if (!this.#isAgain) return;
    this.#isAgain = false;
    this.#start();
  }

  /** Whatever it is: without the book nothing is asked of the host, and it goes on until somebody closes it. */
  #onFailure(error: unknown): void {
    const { logger, host, random } = this.#options;
    this.#isAgain = false;
    this.#failures += 1;
    if (this.#failures === 1) logger.warn("Budget:Away", { host, code: isTilthError(error) ? error.code : "unknown" });
    const bound = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, this.#failures - 1));
    this.askIn(bound / 2 + (bound / 2) * random());
  }
}
