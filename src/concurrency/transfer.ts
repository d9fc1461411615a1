import type { Transferable } from "node:worker_threads";

/** A result whose buffers are handed over instead of copied; made by `transferred`. */
export class Transferred<Value> {
  readonly value: Value;
  readonly transfer: readonly Transferable[];

  constructor(value: Value, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/**
 * For the return value of a worker function: the caller gets `value`, with the listed buffers moved and not copied.
 * `return transferred(pixels, [pixels.buffer])`. The worker cannot use them afterwards. Never list a Buffer from Node's pool.
 */
export function transferred<Value>(value: Value, transfer: readonly Transferable[]): Transferred<Value> {
  return new Transferred(value, transfer);
}
