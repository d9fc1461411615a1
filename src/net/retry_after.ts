/** Longest wait that a server may ask of us, ms; more is cut to this (RFC 9110 names no bound). */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Value of a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date against `nowMs`.
 * Milliseconds from now, 0 for a date that is past; null when absent or unreadable.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(MAX_RETRY_AFTER_MS, Number(text) * 1000);
  const date = Date.parse(text);
  if (Number.isNaN(date)) return null;
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, date - nowMs));
}
