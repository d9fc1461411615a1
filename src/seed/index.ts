export * from "./failed_list.ts";
export * from "./progress.ts";
export * from "./run_seed.ts";
export * from "./seed_task.ts";
export * from "./store_writer.ts";
export * from "./verify_plan.ts";
