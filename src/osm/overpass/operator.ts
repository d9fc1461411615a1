import { Semaphore } from "../../concurrency/index.ts";

/** What all clients and jobs of this process share towards those who run a service. */
export interface Operator {
  /** One query at a time. */
  readonly line: Semaphore;
  /** Nothing is asked before, ms of the monotonic clock. */
  notBeforeMs: number;
}

const operators = new Map<string, Operator>();

/** By the last two labels of the host: mirrors of one operator are one. */
export function getOperator(host: string): Operator {
  const name = host.split(".").slice(-2).join(".");
  let operator = operators.get(name);
  if (operator === undefined) operators.set(name, (operator = { line: new Semaphore(1), notBeforeMs: 0 }));
  return operator;
}
