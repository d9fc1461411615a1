import { abortable, CancelledError, throwIfAborted, whenAborted } from "../core/index.ts";

interface Flight<T> {
  promise: Promise<T>;
  waiting: number;
  abort: AbortController;
}

/** Makes equal work that is asked for at the same time one piece of work. It is aborted when the last who waits has gone. */
export class SharedFlights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  get size(): number {
    return this.#flights.size;
  }

  /** Joins the work under `key`, or starts it. A caller whose signal aborts leaves at once; the others stay. */
  async join(key: string, start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    const flight = this.#flights.get(key) ?? this.#begin(key, start);
    flight.waiting += 1;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      // Who comes after this must not join work that is being aborted.
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      flight.abort.abort(new CancelledError());
    };
    const stop = whenAborted(signal, leave);
    try {
      return await abortable(flight.promise, signal);
    } finally {
      stop();
      leave();
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const promise = start(abort.signal).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    // Every caller may have left before it fails; they were told already.
    promise.catch(() => undefined);
    const flight: Flight<T> = { promise, waiting: 0, abort };
    this.#flights.set(key, flight);
    return flight;
  }
}
