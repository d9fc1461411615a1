import { Semaphore, type Release } from "../../concurrency/index.ts";

/** What all clients and jobs of this process share towards those who run a service. */
export interface Operator {
  /** One query at a time. */
  readonly line: Semaphore;
  /** Nothing is asked before, ms of the monotonic clock. */
  notBeforeMs: number;
  /** Why, for people. */
  why: string;
}

/** Leave to ask an operator that other machines ask as well: one of all has it at a time. */
export interface OperatorSlot {
  /** Waits for it, and until the operator may be asked again. */
  acquire(options: { signal?: AbortSignal }): Promise<Release>;
  /** The operator is to be left alone by all for so long. */
  rest(ms: number): void;
}

const operators = new Map<string, Operator>();

/** The last two labels of the host: mirrors of one operator are one. */
export function operatorName(host: string): string {
  return host.split(".").slice(-2).join(".");
}

export function getOperator(host: string): Operator {
  const name = operatorName(host);
  let operator = operators.get(name);
  if (operator === undefined) operators.set(name, (operator = { line: new Semaphore(1), notBeforeMs: 0, why: "" }));
  return operator;
}
