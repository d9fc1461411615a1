import type pg from "pg";
import { sleep, whenAborted, type Clock } from "../core/index.ts";
import { postgresErrorFrom, type ErrorPlace } from "./errors.ts";
import { reconnectDelayMs } from "./reconnect.ts";

export interface ListenOptions {
  /** It listens again after its connection broke: notifications may have been lost, so look yourself. */
  onGap?: () => void;
  /** Ends the listening. */
  signal?: AbortSignal;
}

interface ListenerOptions extends ListenOptions {
  channel: string;
  onNotification: (payload: string) => void;
  connect: () => Promise<pg.Client>;
  clock: Clock;
  place: ErrorPlace;
}

interface OpenConnection {
  /** Resolves when the connection has ended. */
  ended: Promise<void>;
}

/** LISTEN on a connection of its own, opened again whenever it breaks. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  #client: pg.Client | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const opened = await this.#open();
    this.#stopListening = whenAborted(this.#options.signal, () => void this.close());
    this.#running = this.#keepOpen(opened);
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  async #open(): Promise<OpenConnection> {
    const { connect, channel, onNotification, place } = this.#options;
    const client = await connect();
    this.#client = client;
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.on("notification", (message) => onNotification(message.payload ?? ""));
    try {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw postgresErrorFrom(error, place);
    }
    // Closed while it connected.
    if (this.#stop.signal.aborted) await client.end().catch(() => undefined);
    return { ended };
  }

  async #keepOpen(first: OpenConnection): Promise<void> {
    for (let now: OpenConnection | null = first; now !== null;) {
      await now.ended;
      now = await this.#openAgain();
      if (now !== null) this.#options.onGap?.();
    }
  }

  /** null once it is closed. */
  async #openAgain(): Promise<OpenConnection | null> {
    const { clock } = this.#options;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await sleep(reconnectDelayMs(attempt, Math.random()), { clock, signal: this.#stop.signal });
        return await this.#open();
      } catch {
        // Whatever it is (the server restarts, a role was changed): it goes on until somebody closes it.
      }
    }
    return null;
  }
}
