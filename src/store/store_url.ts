import { isPostgresUrl, shownPostgresUrl } from "../postgres/index.ts";

/** True for the address of a store that is no file; looking for it on the disk makes no sense. */
export function isStoreUrl(location: string): boolean {
  return isPostgresUrl(location);
}

/** A store's location as it may be shown and kept: without user, password and parameters. Paths stay as they are. @throws `postgres.url` */
export function shownLocation(location: string): string {
  return shownPostgresUrl(location);
}
