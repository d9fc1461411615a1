import { TilthError } from "../core/index.ts";

/** @param expected what should have stood there; the address itself may hold a password */
export function badUrl(expected: string): TilthError {
  return new TilthError("postgres.url", `the address of a PostgreSQL database cannot be read: expected ${expected}`);
}
