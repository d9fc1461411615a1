import { badUrl } from "./bad_url.ts";
import { readTls, type PostgresTls } from "./tls.ts";

/** Where a database is and how to reach it. The password is a function's answer, so that nothing that prints an object shows it. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** undefined: the name of the system's user, as everywhere in PostgreSQL. */
  readonly user: string | undefined;
  readonly password: () => string;
  /** false: without TLS. */
  readonly tls: PostgresTls;
  /** `layer` of the query: the name of a cache; null when none is named. */
  readonly layer: string | null;
  readonly applicationName: string | null;
  readonly connectTimeoutMs: number | null;
  /** `host:port/database`, for people. */
  readonly location: string;
}

const KNOWN = [
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "host",
  "application_name",
  "connect_timeout",
  "layer",
] as const;

export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(text);
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=...`; a password that is not in it comes from `PGPASSWORD`.
 * The files of `sslrootcert`, `sslcert` and `sslkey` are read here.
 * @throws `postgres.url`; the message never repeats any part of the text, where a password may stand anywhere when it is malformed
 */
export function readPostgresUrl(text: string): PostgresAddress {
  const url = parse(text);
  const query = url.searchParams;
  if ([...query.keys()].some((name) => !(KNOWN as readonly string[]).includes(name)))
    throw badUrl(`only the parameters ${KNOWN.join(", ")}; percent-encode '?' and '&' of a password`);
  const host = query.get("host") ?? (decode(url.hostname).replace(/^\[|\]$/g, "") || "localhost");
  const port = url.port === "" ? 5432 : Number(url.port);
  const database = decode(url.pathname.slice(1));
  if (database === "" || database.includes("/")) throw badUrl("the name of a database after the host");
  const password = decode(url.password);
  return {
    host,
    port,
    database,
    user: decode(url.username) || undefined,
    password: () => password || (process.env["PGPASSWORD"] ?? ""),
    tls: readTls(query, host),
    layer: query.get("layer"),
    applicationName: query.get("application_name"),
    connectTimeoutMs: readTimeout(query.get("connect_timeout")),
    location: `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`,
  };
}

/**
 * The URL as it may be shown and used again where `PGPASSWORD` and the user are given otherwise: without user, password and query,
 * but with the name of the cache. Other texts come back as they are.
 */
export function shownPostgresUrl(text: string, layer?: string): string {
  if (!isPostgresUrl(text)) return text;
  const address = readPostgresUrl(text);
  const name = layer ?? address.layer;
  return `postgres://${encodeURI(address.location)}${name === null ? "" : `?layer=${encodeURIComponent(name)}`}`;
}

function parse(text: string): URL {
  if (!isPostgresUrl(text)) throw badUrl("a URL that begins with postgres://");
  // `URL` asks for a host, which a server behind a socket has not.
  if (!URL.canParse(text)) throw badUrl("postgres://USER@HOST:PORT/DATABASE; percent-encode special characters");
  return new URL(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl("whole percent-encodings; a plain '%' is written %25");
  }
}

function readTimeout(text: string | null): number | null {
  if (text === null) return null;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw badUrl("connect_timeout in whole seconds");
  return Number(text) * 1000;
}
