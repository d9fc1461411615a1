import { workerModuleUrl } from "../../concurrency/index.ts";

/** What threads load to work out formulas. */
export const CALC_WORKER = workerModuleUrl("./calc_worker", import.meta.url);
