export * from "./budget_book.ts";
export { acquirePlace } from "./acquire_place.ts";
export { ClusterHosts, type ClusterHostsOptions } from "./cluster_hosts.ts";
export { MemoryBudget, type MemoryBudgetOptions } from "./memory_budget.ts";
export { openPostgresBudget, type PostgresBudget } from "./postgres_budget.ts";
