import { useLayoutEffect, useState } from "preact/hooks";

export interface Watchable {
  /** Calls `listener` after each change. @returns what ends it */
  subscribe(listener: () => void): () => void;
}

/** A value that tells of its changes. */
export class Signal<T> implements Watchable {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Listeners are called at once, unless nothing changed. */
  set value(value: T) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Calls `run` now and after each change of one of `signals`. @returns what ends it */
export function watch(signals: readonly Watchable[], run: () => void): () => void {
  const ends = signals.map((signal) => signal.subscribe(run));
  run();
  return () => ends.forEach((end) => end());
}

/** The value of a signal in a component, which is drawn anew when it changes. */
export function useSignal<T>(signal: Signal<T>): T {
  const [, setTurn] = useState(0);
  const seen = signal.value;
  useLayoutEffect(() => {
    const redraw = (): void => setTurn((turn) => turn + 1);
    // It may have changed between drawing and now.
    if (!Object.is(seen, signal.value)) redraw();
    return signal.subscribe(redraw);
  }, [signal]);
  return seen;
}
