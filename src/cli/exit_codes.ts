import { isCancelled, isTilthError, type ErrorCode } from "../core/index.ts";

/** The command contract's exit codes. */
export const EXIT = { whole: 0, error: 1, usage: 2, incomplete: 3, cancelled: 130 } as const;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "argument.invalid",
  "bbox.invalid",
  "coverage.invalid",
  "osm.areaTooLarge",
  "crs.unknown",
  "crs.invalid",
  "crs.unsupported",
  "grid.unknown",
  "grid.level",
  "grid.invalid",
  "grid.variableWidths",
  "source.invalid",
  "source.policy",
  "config.invalid",
  "postgres.url",
]);

/** A mistake in what was asked (nothing was touched) exits 2; a cancel 130; the rest 1. */
export function exitCodeOf(error: unknown): number {
  if (isCancelled(error)) return EXIT.cancelled;
  return isTilthError(error) && USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.error;
}
