/** What to do next, at the end of messages, behind a semicolon. */
export const EXTRACT = "read an extract (https://download.geofabrik.de has one for each country) with --from";
export const OTHER_SERVICE = "ask another service with --overpass";
export const LATER = `go on later, what was fetched is kept; or ${OTHER_SERVICE}, or ${EXTRACT}`;
export const SMALLER = `take a smaller area, or a longer --timeout, or ${EXTRACT}`;
export const NO_SERVICE = "is this the address of an Overpass interpreter? name one with --overpass";

/** What has happened, for who is told of it before the end: advice comes behind the first semicolon. */
export function whatHappened(message: string): string {
  return message.split("; ")[0] ?? "";
}
