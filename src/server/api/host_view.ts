import type { z } from "zod";
import type { HostStatus } from "../../config/index.ts";
import type { hostShape } from "./shapes.ts";

type Measured = HostStatus & Partial<Pick<z.infer<typeof hostShape>, "requestsPerSecond" | "latencyMs" | "lastErrors">>;

/** A host as the page and people see it. */
export function hostView(status: Measured): z.infer<typeof hostShape> {
  const { host, breaker, concurrencyLimit, inFlight, inFlightLive, inFlightBatch, pausedMs } = status;
  const { requests, retries, failures, throttled, requestsPerSecond = 0, latencyMs = null, lastErrors = [] } = status;
  const load = { host, breaker, concurrencyLimit, inFlight, inFlightLive, inFlightBatch, pausedMs };
  const counts = { requests, retries, failures, throttled, requestsPerSecond };
  return { ...load, ...counts, latencyMs, lastErrors: lastErrors.map((error) => ({ ...error })) };
}
