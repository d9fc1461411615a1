import { TilthError } from "../core/index.ts";

/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Size of a description at the most: 100 levels take 40 kB. */
const MAX_DOCUMENT_CHARACTERS = 4 * 1024 * 1024;

export function invalidGrid(expected: string, got: unknown): TilthError {
  return new TilthError("grid.invalid", `expected ${expected} in the description of a grid, got ${shorten(got)}`);
}

function shorten(value: unknown): string {
  const text = typeof value === "string" ? `'${value}'` : (JSON.stringify(value) ?? "nothing");
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws `grid.invalid` unless the text is one JSON object of at most 4 MB */
export function parseGridJson(text: string): JsonObject {
  if (text.length > MAX_DOCUMENT_CHARACTERS) throw invalidGrid("at most 4 MB", `${text.length} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new TilthError("grid.invalid", "expected JSON that describes a grid, got text that is not JSON", { cause });
  }
  if (isObject(value)) return value;
  throw invalidGrid("a JSON object", value);
}

/** A finite number; undefined when the field is absent. */
export function numberOf(json: JsonObject, name: string): number | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw invalidGrid(`a number as '${name}'`, value);
}

/** A whole number within 1..max. */
export function countOf(json: JsonObject, name: string, max: number): number {
  const value = json[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw invalidGrid(`a whole number within 1-${max} as '${name}'`, value);
}

/** Text of at most 1,000 characters without control characters; undefined when the field is absent. */
export function textOf(json: JsonObject, name: string): string | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "" && value.length <= 1000 && !/\p{Cc}/u.test(value)) return value;
  throw invalidGrid(`a text as '${name}'`, value);
}

/** `length` finite numbers (any, when not said); undefined when the field is absent. */
export function numbersOf(json: JsonObject, name: string, length?: number): number[] | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  const fits = Array.isArray(value) && (length === undefined || value.length === length);
  if (fits && value.every((one) => typeof one === "number" && Number.isFinite(one))) return value as number[];
  throw invalidGrid(`${length ?? "a list of"} numbers as '${name}'`, value);
}
