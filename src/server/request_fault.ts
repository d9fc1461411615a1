import type { FastifyError } from "fastify";

export interface RequestFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Faults that are told at once. */
const MAX_FAULTS = 10;
const MAX_CHARS = 1000;

/** What is wrong with a part of a request, as its schema found it. */
interface SchemaFault {
  readonly keyword: string;
  /** `/coverage/type` */
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What the HTTP library finds wrong with a request: its schema, a body that is too large, a header that is malformed. Null for our own mistakes. */
export function describeRequestFault(error: unknown): RequestFault | null {
  const { statusCode: status = 500, code = "", message = "bad request", ...more } = error as Partial<FastifyError>;
  if (status < 400 || status >= 500) return null;
  const { validation, validationContext = "request" } = more;
  if (status === 429) return { status, code: "request.tooMany", message };
  if (validation === undefined) return { status, code: "request.invalid", message: SENTENCES[code] ?? message };
  const faults = validation.slice(0, MAX_FAULTS).map((fault) => sayFault(fault as SchemaFault));
  const part = PARTS[validationContext] ?? validationContext;
  const text = `the ${part} cannot be used: ${faults.join("; ")}`.slice(0, MAX_CHARS);
  return { status, code: "request.invalid", message: `${text}; see /openapi.json for what may be sent` };
}

const PARTS: Readonly<Record<string, string>> = { querystring: "query", params: "address" };

/** By the codes of the HTTP library. */
const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "expected a body of JSON, got text that is none; check its quotes and commas",
  FST_ERR_CTP_EMPTY_JSON_BODY: "expected a body of JSON, got none; send one, or leave out the header Content-Type",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "expected a body of JSON; send it with the header Content-Type: application/json",
  FST_ERR_CTP_BODY_TOO_LARGE:
    "expected a body of at most 1 MiB; simplify the area, or seed it with the command line on this machine",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "expected as many bytes as the header Content-Length says; send the body again",
  FST_ERR_BAD_URL: "expected an address in which two hexadecimal digits follow each %; write a plain % as %25",
  FST_ERR_MAX_PARAM_LENGTH: "expected no part of the address to be longer than 300 characters; check its names",
};

function sayFault(fault: SchemaFault): string {
  const path = fault.instancePath.split("/").filter(Boolean).join(".");
  return path === "" ? say(fault) : `${path}: ${say(fault)}`;
}

function say({ keyword, message = "", params }: SchemaFault): string {
  const { expected, values, keys } = params;
  switch (keyword) {
    case "invalid_type":
      if (message.endsWith("received undefined")) return "is missing";
      return `expected ${KINDS[String(expected)] ?? String(expected)}`;
    case "too_small":
      return `expected ${sayLimit(params, params["minimum"], "at least")}`;
    case "too_big":
      return `expected ${sayLimit(params, params["maximum"], "at most")}`;
    case "invalid_value":
      return `expected ${listOf(values).join(" or ")}`;
    case "unrecognized_keys":
      return `nothing is called ${listOf(keys).join(" or ")} here, leave it out`;
    default:
      // What a schema of ours says itself.
      return message.startsWith("expected") ? message : "expected another kind of value";
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  tuple: "a list",
};

const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " items" };

function sayLimit({ origin }: SchemaFault["params"], limit: unknown, words: string): string {
  return `${words} ${String(limit)}${UNITS[String(origin)] ?? ""}`;
}

function listOf(values: unknown): string[] {
  return Array.isArray(values) ? values.slice(0, MAX_FAULTS).map((value) => `'${String(value).slice(0, 80)}'`) : [];
}
