import { workerModuleUrl } from "../concurrency/index.ts";

/** What threads load to analyse blocks of heights. */
export const TERRAIN_WORKER = workerModuleUrl("./terrain_worker", import.meta.url);
