import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { badUrl } from "./bad_url.ts";

export type PostgresTls = false | ConnectionOptions;

const MODES = ["disable", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

/**
 * The meaning of libpq, whatever the version of the driver takes the words for: `require` encrypts and asks nobody who the server is
 * (with `sslrootcert` it is `verify-ca`), `verify-ca` asks for a certificate of that authority, `verify-full` for one of the host's name
 * too. `prefer` and `allow` are refused: they promise nothing. Without `sslmode`: `disable` on this machine, else `verify-full`.
 */
export function readTls(query: URLSearchParams, host: string): PostgresTls {
  const mode = readMode(query.get("sslmode") ?? (isLocal(host) ? "disable" : "verify-full"));
  if (mode === "disable") return false;
  const root = query.get("sslrootcert");
  const ca = root === null || root === "system" ? undefined : readCertificate("sslrootcert", root);
  const own = {
    ca,
    cert: readOptional(query, "sslcert"),
    key: readOptional(query, "sslkey"),
  };
  if (mode === "verify-full") return { ...own, rejectUnauthorized: true };
  if (mode === "verify-ca" && ca === undefined) throw badUrl("sslrootcert beside sslmode=verify-ca");
  if (ca === undefined) return { ...own, rejectUnauthorized: false };
  return { ...own, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function readMode(text: string): Mode {
  const mode = MODES.find((known) => known === text);
  if (mode === undefined) throw badUrl(`sslmode to be one of ${MODES.join(", ")}`);
  return mode;
}

function isLocal(host: string): boolean {
  if (host === "localhost" || host.startsWith("/")) return true;
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function readOptional(query: URLSearchParams, name: string): string | undefined {
  const path = query.get(name);
  return path === null ? undefined : readCertificate(name, path);
}

function readCertificate(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw badUrl(`a file that can be read behind ${name}`);
  }
}
