import { isTilthError, redactText, TilthError, type ErrorCode, type ErrorFields } from "../core/index.ts";

/** What errors may say of a connection, and what they must not. */
export interface ErrorPlace {
  readonly location: string;
  readonly secrets: readonly string[];
  /** The statement, for the right that is missing; never shown. */
  readonly statement?: string;
}

interface DriverError {
  code?: unknown;
  message?: unknown;
  severity?: unknown;
  constraint?: unknown;
  errors?: unknown;
}

/** Shutting down, crashed, starting up, idle for too long, too many connections. */
const UNREACHABLE = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "53300"]);
/** Serialization, deadlock, lock not available. */
const CONFLICT = new Set(["40001", "40P01", "55P03"]);
const NOT_TLS = /^The server does not support SSL connections|^There was an error establishing an SSL connection/;
const BAD_CERTIFICATE = /^ERR_TLS_|^ERR_SSL_|^CERT_|^EPROTO$|CERTIFICATE|SELF_SIGNED|UNABLE_TO_|UNABLE_TO_VERIFY/;

/**
 * What the driver or the server threw, in our words. Nothing of the driver's error is kept as a cause: its fields hold values of rows and,
 * over its client, the password.
 */
export function postgresErrorFrom(error: unknown, place: ErrorPlace): TilthError {
  if (isTilthError(error)) return error;
  const { code, message, severity } = (error ?? {}) as DriverError;
  const text = redactText(typeof message === "string" ? message : "", place.secrets);
  if (typeof severity === "string" && typeof code === "string") return serverError(code, text, error, place);
  if (text.startsWith("SASL:") || text.includes("password must be a string")) return refusedRole(place, "28P01");
  const name = typeof code === "string" ? code : firstCode(error);
  if (NOT_TLS.test(text)) {
    const advice = "switch on ssl there, or say sslmode=disable where the network is trusted";
    return make("postgres.unreachable", place, `expected TLS, which the server does not speak; ${advice}`, {
      retryable: false,
    });
  }
  if (BAD_CERTIFICATE.test(name)) {
    const advice = "give the authority's certificate with sslrootcert, or another sslmode";
    return make("postgres.unreachable", place, `the certificate of the server was refused (${name}); ${advice}`, {
      retryable: false,
      reason: name,
    });
  }
  const reason = name === "" ? text : name;
  return make("postgres.unreachable", place, `no connection (${reason || "broken"}); is the server up?`, { reason });
}

function firstCode(error: unknown): string {
  // Both addresses of a name were tried.
  const errors = (error as DriverError | null)?.errors;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const code = (first as DriverError | undefined)?.code;
  return typeof code === "string" ? code : "";
}

function serverError(sqlstate: string, text: string, error: unknown, place: ErrorPlace): TilthError {
  const fields = { sqlstate };
  if (UNREACHABLE.has(sqlstate) || sqlstate.startsWith("08"))
    return make("postgres.unreachable", place, `the server takes no work right now (${sqlstate}: ${text})`, fields);
  if (CONFLICT.has(sqlstate))
    return make("postgres.conflict", place, `another transaction stood in the way (${sqlstate}); do it again`, fields);
  if (sqlstate.startsWith("28")) return refusedRole(place, sqlstate);
  if (sqlstate === "42501") return missingRight(text, place);
  if (sqlstate === "3D000")
    return make("postgres.failed", place, "there is no such database; CREATE DATABASE makes it", fields);
  // Messages of these two classes repeat the value that was refused.
  const shown = /^2[23]/.test(sqlstate) ? "a value was refused" : text;
  const { constraint } = error as DriverError;
  const named = typeof constraint === "string" ? { constraint } : {};
  return make("postgres.failed", place, `a statement was refused (${sqlstate}: ${shown})`, { ...fields, ...named });
}

function refusedRole(place: ErrorPlace, sqlstate: string): TilthError {
  const advice = "check both (the password may stand in PGPASSWORD), and pg_hba.conf for this address and TLS";
  return make("postgres.denied", place, `the role or its password was refused; ${advice}`, { sqlstate });
}

function missingRight(text: string, place: ErrorPlace): TilthError {
  const [, kind = "", name = ""] = /denied for (\w+) "?([^"]*)"?$/.exec(text) ?? [];
  const right = rightOn(kind, place.statement ?? "");
  const grant = `GRANT ${right} ON ${kind.toUpperCase()} ${name} TO the role`;
  const advice = name === "" ? text : `${text}; its owner may say: ${grant}`;
  return make("postgres.denied", place, `the role lacks a right: ${advice}`, { sqlstate: "42501", grant });
}

function rightOn(kind: string, statement: string): string {
  if (kind === "table") return tableRights(statement);
  return kind === "database" || /\bCREATE\b/.test(statement) ? "CREATE" : "USAGE";
}

function tableRights(statement: string): string {
  const rights = ["SELECT", "INSERT", "UPDATE", "DELETE"].filter((verb) => new RegExp(`\\b${verb}\\b`).test(statement));
  return rights.length === 0 ? "ALL" : rights.join(", ");
}

function make(code: ErrorCode, { location }: ErrorPlace, message: string, fields: ErrorFields): TilthError {
  return new TilthError(code, `${location}: ${message}`, { fields: { location, ...fields } });
}

/** True when the same work can succeed later: the server could not be reached for a while, or another transaction was in the way. */
export function isPostgresRetryable(error: unknown): boolean {
  if (isTilthError(error, "postgres.conflict")) return true;
  return isTilthError(error, "postgres.unreachable") && error.fields["retryable"] !== false;
}

/** SQLSTATE of an error of this room; null for any other. */
export function sqlstateOf(error: unknown): string | null {
  const state = isTilthError(error) ? error.fields["sqlstate"] : undefined;
  return typeof state === "string" ? state : null;
}
