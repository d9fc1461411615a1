import { basename } from "node:path";
import type { FeatureProvenance } from "../../feature/index.ts";
import { VERSION } from "../version.ts";

/** Of features that were made out of a DEM; its licence is not known here. */
export function provenanceOf(input: string): FeatureProvenance {
  return {
    generator: `tilth ${VERSION}`,
    source: basename(input),
    dataTimeMs: null,
    writtenAtMs: Date.now(),
    license: "",
    licenseUrl: "",
  };
}
