import type { Job, JobRequest } from "../api/job_types.ts";

/** Words of a request; what a server adds to a kept one is not among them. */
const WORDS = [
  "source",
  "bbox",
  "coverage",
  "zooms",
  "store",
  "grid",
  "layer",
  "style",
  "matrixSet",
  "resampling",
  "format",
  "quality",
  "retries",
] as const;

/** The same job once more: what is in its file is not fetched again. */
export function requestAgain({ request }: Job): JobRequest {
  const kept = WORDS.flatMap((word) => (request[word] === undefined ? [] : [[word, request[word]]]));
  const { refreshAgeMs } = request as { refreshAgeMs?: number };
  return { ...Object.fromEntries(kept), ...(refreshAgeMs === undefined ? {} : { refresh: `${refreshAgeMs}ms` }) };
}
