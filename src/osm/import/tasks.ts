import { workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import type { buildAreas, buildSea } from "./build_areas.ts";
import type { buildFeatures } from "./build_features.ts";
import type { scanPart } from "./scan_part.ts";

const module = workerModuleUrl("./osm_worker", import.meta.url);

export const tasks = {
  scanPart: workerTask<typeof scanPart>({ module: workerModuleUrl("./osm_worker", import.meta.url), name: "scanPart" }),
  buildFeatures: workerTask<typeof buildFeatures>({ module, name: "buildFeatures" }),
  buildAreas: workerTask<typeof buildAreas>({ module, name: "buildAreas" }),
  buildSea: workerTask<typeof buildSea>({ module, name: "buildSea" }),
};
