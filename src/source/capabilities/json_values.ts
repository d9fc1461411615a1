import { TilthError } from "../../core/index.ts";
import { finite, oneLine } from "./xml_tree.ts";

export type Json = Readonly<Record<string, unknown>>;

/** @throws `source.invalid` unless the text is a JSON object */
export function parseJsonObject(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // A truncated document, or nesting that is deeper than the stack.
    throw new TilthError("source.invalid", "expected a description of a service, got JSON that cannot be read", {
      cause,
    });
  }
  const object = asObject(value);
  if (object === null) throw new TilthError("source.invalid", "expected a JSON object, got another JSON value");
  return object;
}

export function asObject(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list. */
export function objectsOf(value: unknown): Json[] {
  return asArray(value)
    .map(asObject)
    .filter((one) => one !== null);
}

/** Text on one line, capped; a number as it is written; "" for anything else. */
export function asText(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? oneLine(value) : "";
}

/** A finite number, also where it is written as text; null for anything else. */
export function asNumber(value: unknown): number | null {
  if (typeof value === "string") return finite(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
