export { requireNoPlainSecrets } from "./plain_secrets.ts";
export * from "./resolve_source.ts";
export * from "./user_catalogue.ts";
export * from "./open_caches.ts";
