import { TilthError } from "../../core/index.ts";
import type { WrittenStop } from "./parse_color_file.ts";

/** Colours at equal distances from the lowest height to the highest, as six hexadecimal digits. */
const RAMPS: Readonly<Record<string, readonly string[]>> = {
  grey: ["000000", "ffffff"],
  land: ["1b6b3a", "7fae4e", "e8dc8c", "c08a4a", "7a5230", "f7f5f2"],
  alps: ["4f7d52", "a5b86b", "e3d59b", "b69068", "93877d", "ffffff"],
  desert: ["f3e3b3", "e0b56b", "b9783c", "7b4527", "4a2a1d"],
  sea: ["081d3c", "11447a", "2f7fb8", "7cbfe0", "dff3fa"],
  heat: ["2b0a3d", "8b1e5a", "e0503a", "f9a73e", "fcf3a6"],
  // Even steps of lightness, for everybody's eyes.
  even: ["2a1858", "3b4a8c", "3b7d8f", "52a97b", "a6cc5c", "f6e85a"],
};

export function listColorRamps(): string[] {
  return Object.keys(RAMPS);
}

/** @throws `argument.invalid` with the names that there are */
export function namedRamp(name: string): WrittenStop[] {
  const colors = Object.hasOwn(RAMPS, name) ? RAMPS[name] : undefined;
  if (colors === undefined)
    throw new TilthError(
      "argument.invalid",
      `expected a colour file or one of ${listColorRamps().join(", ")}, got '${name.slice(0, 40)}'`,
    );
  return colors.map((hex, i) => {
    const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    return { percent: (100 * i) / (colors.length - 1), color: [red, green, blue, 255] };
  });
}
