import { TilthError } from "../core/index.ts";

/** `W,S,E,N` to four numbers; their meaning is checked by the coverage. */
export function parseBbox(text: string): number[] {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length === 4 && numbers.every(Number.isFinite)) return numbers;
  throw new TilthError("bbox.invalid", `expected --bbox W,S,E,N as four numbers in degrees, got '${text}'`, {
    fields: { value: text },
  });
}

/** Gathers repeated `key=value` options; a colon may stand for the first equals sign (`Referer: x`). */
export function collectPairs(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const match = /^\s*([^=:\s]+)\s*[=:]\s*(.*)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return { ...before, [match[1]]: match[2] };
  throw new TilthError("argument.invalid", `expected key=value, got '${text}'`, { fields: { value: text } });
}

/** @throws `argument.invalid` unless within min..max */
export function requireInteger(value: number, name: string, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TilthError(
    "argument.invalid",
    `expected ${name} to be a whole number within ${min}-${max}, got '${value}'`,
    { fields: { name } },
  );
}

/** @throws `argument.invalid` unless it is a number within min..max */
export function requireNumber(option: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new TilthError("argument.invalid", `expected ${option} as a number from ${min} to ${max}, got '${text}'`);
}

/** `A,B,C`. @throws `argument.invalid` unless all are numbers */
export function parseNumbers(option: string, text: string): number[] {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.every(Number.isFinite)) return numbers;
  throw new TilthError("argument.invalid", `expected ${option} as numbers with commas between them, got '${text}'`);
}

/** @throws `argument.invalid` unless the value is one of those that are known */
export function oneOf<Value extends string | number>(
  option: string,
  value: string | number,
  known: readonly Value[],
): Value {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new TilthError("argument.invalid", `expected ${option} ${known.join(", ")}, got '${value}'`);
}

/** @throws `argument.invalid` unless it names a GeoTIFF to write */
export function requireTiffPath(out: string | undefined): string {
  if (out !== undefined && /\.tiff?$/i.test(out)) return out;
  throw new TilthError("argument.invalid", "expected --out FILE.tif");
}
