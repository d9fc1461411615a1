import { TilthError } from "../../core/index.ts";
import type { ColorStop, Rgba } from "./color_ramp.ts";

/** A colour file as it is written: shares of the range of heights are not heights yet. */
export interface ColorFile {
  readonly stops: readonly WrittenStop[];
  /** Where there is no height; null when the file does not say. */
  readonly missing: Rgba | null;
}

/** `percent`: of the way from the lowest height to the highest. */
export type WrittenStop = ColorStop | { readonly percent: number; readonly color: Rgba };

/** Bytes of a colour file. */
const MAX_CHARS = 1024 * 1024;

/** The names that gdaldem knows. */
const NAMES: Readonly<Record<string, Rgba>> = {
  white: [255, 255, 255, 255],
  black: [0, 0, 0, 255],
  red: [255, 0, 0, 255],
  green: [0, 255, 0, 255],
  blue: [0, 0, 255, 255],
  yellow: [255, 255, 0, 255],
  magenta: [255, 0, 255, 255],
  cyan: [0, 255, 255, 255],
  aqua: [0, 255, 255, 255],
  grey: [190, 190, 190, 255],
  gray: [190, 190, 190, 255],
  orange: [255, 165, 0, 255],
  brown: [165, 42, 42, 255],
  purple: [160, 32, 240, 255],
  violet: [238, 130, 238, 255],
  indigo: [75, 0, 130, 255],
};

/**
 * gdaldem's colour files: `height red green blue [alpha]` or `height name`, between blanks, commas, tabs or colons; the height may be `nv` (no
 * value) or a percentage; `#` begins a comment.
 * @throws `argument.invalid` with the line
 */
export function parseColorFile(text: string): ColorFile {
  let missing: Rgba | null = null;
  const stops: WrittenStop[] = [];
  for (const { words, number } of linesOf(text)) {
    const [height = "", ...rest] = words;
    const color = readColor(rest, number);
    if (height.toLowerCase() === "nv") missing = color;
    else if (height.endsWith("%")) stops.push({ percent: readNumber(height.slice(0, -1), number), color });
    else stops.push({ value: readNumber(height, number), color });
  }
  return { stops: requireStops(stops), missing };
}

/**
 * GMT's palettes (`.cpt`): `low red green blue high red green blue` a line, and `N red green blue` for no value.
 * @throws `argument.invalid` with the line; for another colour model than RGB
 */
export function parseCpt(text: string): ColorFile {
  const model = /COLOR_MODEL\s*=\s*\+?(\w+)/i.exec(text)?.[1];
  if (model !== undefined && model.toUpperCase() !== "RGB")
    throw invalid(`a palette of RGB colours, got the colour model ${model}; convert it with gmt makecpt`);
  let missing: Rgba | null = null;
  const stops: ColorStop[] = [];
  for (const { words, number } of linesOf(text)) {
    const [first = ""] = words;
    if (/^[BFN]$/i.test(first)) {
      if (first.toUpperCase() === "N") missing = readColor(words.slice(1, 4), number);
      continue;
    }
    if (words.length < 8) throw invalid(`8 numbers in line ${number} of the palette, got ${words.length}`);
    const [low, high] = [readNumber(first, number), readNumber(words[4] ?? "", number)];
    stops.push({ value: low, color: readColor(words.slice(1, 4), number) });
    stops.push({ value: high, color: readColor(words.slice(5, 8), number) });
  }
  return { stops: requireStops(stops), missing };
}

/** @param range lowest and highest height; needed for percentages @throws `argument.invalid` without it */
export function placeStops(
  stops: readonly WrittenStop[],
  range: readonly [low: number, high: number] | null,
): ColorStop[] {
  return stops.map((stop) => {
    if ("value" in stop) return stop;
    if (range === null) throw invalid("heights in the colour file, got percentages where the range is not known");
    return { value: range[0] + ((range[1] - range[0]) * stop.percent) / 100, color: stop.color };
  });
}

interface Line {
  readonly words: readonly string[];
  /** From 1. */
  readonly number: number;
}

function linesOf(text: string): Line[] {
  if (text.length > MAX_CHARS) throw invalid(`a colour file of at most ${MAX_CHARS} characters, got ${text.length}`);
  return text
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({
      words: line
        .trim()
        .split(/[\s,:]+/)
        .filter((word) => word !== ""),
      number: i + 1,
    }))
    .filter(({ words: [first] }) => first !== undefined && !first.startsWith("#"));
}

function readColor(words: readonly string[], line: number): Rgba {
  const named = NAMES[words[0]?.toLowerCase() ?? ""];
  if (named !== undefined) return named;
  if (words.length < 3)
    throw invalid(`red, green and blue or a colour's name in line ${line}, got '${words.join(" ").slice(0, 40)}'`);
  const [red = 0, green = 0, blue = 0, alpha = 255] = words.slice(0, 4).map((word) => byteOf(readNumber(word, line)));
  return [red, green, blue, alpha];
}

function byteOf(value: number): number {
  return Math.max(0, Math.min(255, Math.trunc(value)));
}

function readNumber(word: string, line: number): number {
  const value = word === "" ? Number.NaN : Number(word);
  if (Number.isFinite(value)) return value;
  throw invalid(`a number in line ${line} of the colour file, got '${word.slice(0, 40)}'`);
}

function requireStops<Stop>(stops: readonly Stop[]): readonly Stop[] {
  if (stops.length > 0) return stops;
  throw invalid("at least one line 'height red green blue' in the colour file, got none");
}

function invalid(expected: string): TilthError {
  return new TilthError("argument.invalid", `expected ${expected}`);
}
