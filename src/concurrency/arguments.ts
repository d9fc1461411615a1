import { TilthError } from "../core/index.ts";

/** Longest delay that a timer of the platform keeps (about 24.8 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function refuse(name: string, expected: string, value: unknown): never {
  throw new TilthError(
    "argument.invalid",
    `expected \`${name}\` to be ${expected}, got ${String(value)} (${typeof value})`,
    {
      fields: { name, value: String(value) },
    },
  );
}

/** Throws 'argument.invalid' unless `value` is an integer from `min` up. */
export function expectInteger(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) refuse(name, `an integer from ${min} up`, value);
}

/** Throws 'argument.invalid' unless `value` is a finite number above 0. */
export function expectPositive(name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) refuse(name, "a finite number above 0", value);
}

/** Throws 'argument.invalid' unless `value` is a finite number from 0 up. */
export function expectSize(name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) refuse(name, "a finite number from 0 up", value);
}

/** Throws 'argument.invalid' unless `value` is undefined or a number of ms from 0 up (Infinity included). */
export function expectTimeout(name: string, value: number | undefined): void {
  if (value !== undefined && (typeof value !== "number" || !(value >= 0)))
    refuse(name, "a number of ms from 0 up", value);
}

/** False for what means 'no limit': undefined, Infinity, and what no timer of the platform could hold. */
export function isTimed(timeoutMs: number | undefined): timeoutMs is number {
  return timeoutMs !== undefined && timeoutMs <= MAX_TIMER_MS;
}
