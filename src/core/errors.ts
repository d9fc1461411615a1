import { ERROR_CODES, type ErrorCode } from "./error_codes.ts";

/** Values that a message speaks of, as fields: JSON-safe, never a secret. */
export type ErrorFields = Readonly<Record<string, unknown>>;

export interface TilthErrorOptions {
  /** Values of the message, for programs. Never put a key, a password or a full signed URL here. */
  fields?: ErrorFields;
  cause?: unknown;
}

/**
 * The one root of every error that Tilth throws. `code` is stable over releases and listed in `ERROR_CODES`;
 * the message says what was expected, what was got and what to do next.
 */
export class TilthError extends Error {
  /** True on every TilthError, also on one that crossed a thread border and lost its class. */
  readonly isTilthError = true;
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, message: string, options: TilthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TilthError";
    this.code = code;
    this.fields = options.fields ?? {};
  }

  /** Plain form for reports and for the way over a thread border; `cause` is reduced to its message. */
  toJSON(): { code: ErrorCode; message: string; fields: ErrorFields; cause?: string } {
    const cause = this.cause === undefined ? {} : { cause: messageOf(this.cause) };
    return { code: this.code, message: this.message, fields: this.fields, ...cause };
  }
}

/** Somebody asked to stop. `partial` carries what had been obtained by then (its shape is the thrower's). */
export class CancelledError<Partial = unknown> extends TilthError {
  readonly partial: Partial | undefined;

  constructor(
    message = "cancelled on request; what was finished is kept",
    options: TilthErrorOptions & { partial?: Partial } = {},
  ) {
    super("cancelled", message, options);
    this.name = "CancelledError";
    this.partial = options.partial;
  }
}

/** A time limit of ours ran out; `fields.timeoutMs` says which. */
export class TimeoutError extends TilthError {
  constructor(message: string, options: TilthErrorOptions & { code?: ErrorCode } = {}) {
    super(options.code ?? "timeout", message, options);
    this.name = "TimeoutError";
  }
}

/** Guard that works across threads and copies of the package; with `code`, for that code only. */
export function isTilthError(error: unknown, code?: ErrorCode): error is TilthError {
  if (typeof error !== "object" || error === null || !("isTilthError" in error) || !("code" in error)) return false;
  return error.isTilthError === true && (code === undefined || error.code === code);
}

/** True for a cancel by the user: our own `CancelledError` or the platform's `AbortError`. */
export function isCancelled(error: unknown): boolean {
  return isTilthError(error, "cancelled") || (error instanceof Error && error.name === "AbortError");
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    // An object without a prototype, say.
    return "unknown error";
  }
}

/** Makes a TilthError again from what `toJSON` gave, e.g. on this side of a thread border. */
export function errorFromJson(json: {
  code?: string;
  message?: string;
  fields?: ErrorFields;
  cause?: string;
}): TilthError {
  const code = json.code !== undefined && Object.hasOwn(ERROR_CODES, json.code) ? (json.code as ErrorCode) : "internal";
  const options = { fields: json.fields, cause: json.cause };
  const message = json.message ?? "unknown error";
  if (code === "cancelled") return new CancelledError(message, options);
  return code === "timeout" ? new TimeoutError(message, options) : new TilthError(code, message, options);
}
