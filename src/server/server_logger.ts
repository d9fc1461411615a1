import { pino, type DestinationStream } from "pino";
import { isTilthError, messageOf, type Logger } from "../core/index.ts";
import { redactUrls } from "./redact_urls.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A log of JSON lines: `event` beside the fields. Errors are written as code and message; URLs lose what is secret in them.
 * @param level `debug` shows everything
 */
export function makeServerLogger(to: DestinationStream, level: "debug" | "info" | "warn" = "info"): Logger {
  const log = pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, to);
  return {
    debug: (event, fields) => log.debug({ event, ...clean(fields) }),
    info: (event, fields) => log.info({ event, ...clean(fields) }),
    warn: (event, fields) => log.warn({ event, ...clean(fields) }),
    error: (event, fields) => log.error({ event, ...clean(fields) }),
  };
}

function clean(fields: Fields = {}): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cleanValue(value)]));
}

/** What is not a plain value is told by its kind: nobody knows what it holds. */
function cleanValue(value: unknown): unknown {
  if (value instanceof Error) return describeError(value);
  if (typeof value === "string") return redactUrls(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  return value === undefined ? undefined : `(${typeof value})`;
}

/** Ours hold no secrets; others may quote a request. */
function describeError(error: Error): Fields {
  const code = isTilthError(error) ? error.code : error.name;
  const stack = isTilthError(error)
    ? undefined
    : error.stack
        ?.split("\n")
        .slice(1, 6)
        .map((line) => line.trim());
  return { code, message: redactUrls(messageOf(error)), ...(stack === undefined ? {} : { stack }) };
}
