import type { z } from "zod";
import type { HostReport } from "../../config/index.ts";
import type { hostShape } from "./shapes.ts";

/** A host as the page and people see it. */
export function hostView(status: HostReport): z.infer<typeof hostShape> {
  const { host, breaker, concurrencyLimit, inFlight, inFlightLive, inFlightBatch, pausedMs } = status;
  const { requests, retries, failures, throttled, requestsPerSecond, latencyMs, lastErrors } = status;
  const load = { host, breaker, concurrencyLimit, inFlight, inFlightLive, inFlightBatch, pausedMs };
  const counts = { requests, retries, failures, throttled, requestsPerSecond };
  return { ...load, ...counts, latencyMs, lastErrors: lastErrors.map((error) => ({ ...error })) };
}
