import type { FeatureFileOptions } from "./feature_writer.ts";

/** Who must be named and where the features come from, as every format writes it: times as ISO 8601, null when unknown. */
export function provenanceJson({ attribution, provenance }: Pick<FeatureFileOptions, "attribution" | "provenance">) {
  const { writtenAtMs, dataTimeMs, ...rest } = provenance;
  const dataTime = dataTimeMs === null ? null : new Date(dataTimeMs).toISOString();
  return { attribution, ...rest, dataTime, writtenAt: new Date(writtenAtMs).toISOString() };
}
