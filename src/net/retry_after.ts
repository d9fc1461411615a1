/** Longest wait that a server may ask of us, ms; more is cut to this (RFC 9110 names no bound). */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** All three forms begin with the day of the week; `Date.parse` alone would read `-5` as a month. */
const HTTP_DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;

/**
 * Value of a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date against `nowMs`.
 * Milliseconds from now, 0 for a date that is past; null when absent or unreadable.
 * @param maxMs more is cut to this
 */
export function parseRetryAfter(
  value: string | undefined,
  nowMs: number,
  maxMs: number = MAX_RETRY_AFTER_MS,
): number | null {
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(maxMs, Number(text) * 1000);
  if (!HTTP_DATE.test(text)) return null;
  // The oldest of the three forms (asctime) names no zone; all of them mean UTC.
  const date = Date.parse(/GMT$/i.test(text) ? text : `${text} GMT`);
  if (Number.isNaN(date)) return null;
  return Math.min(maxMs, Math.max(0, date - nowMs));
}
