import { describe, expect, test } from "vitest";
import { colorLookup, colorOfNodata, makeColorRamp, type ColorMatch, type Rgba } from "./color_ramp.ts";
import { listColorRamps, namedRamp } from "./named_ramps.ts";
import { parseColorFile, parseCpt, placeStops } from "./parse_color_file.ts";

const FILE = `# heights and colours
0 0 0 255
500,0:255	0
1000 grey
1500 300 -5 12.9 128
nv 1 2 3 4
`;

function colorsOf(text: string, values: readonly number[], match: ColorMatch = "linear"): Rgba[] {
  const { stops, missing } = (text.includes("MODEL") ? parseCpt : parseColorFile)(text);
  const look = colorLookup(makeColorRamp(placeStops(stops, [0, 200]), missing ?? undefined), match);
  return values.map((value) => {
    const out = new Uint8Array(6);
    look(value, out, 1);
    return [...out.subarray(1, 5)] as unknown as Rgba;
  });
}

describe("a colour file", () => {
  test("mixes colours between its heights, and goes on with the last ones beyond", () => {
    expect(colorsOf(FILE, [-9, 0, 250, 500, 1250, 1500, 9999, Number.NaN])).toEqual([
      [0, 0, 255, 255],
      [0, 0, 255, 255],
      // 127.5 is rounded down, as gdaldem does.
      [0, 127, 127, 255],
      [0, 255, 0, 255],
      [222, 95, 101, 191],
      [255, 0, 12, 128],
      [255, 0, 12, 128],
      [1, 2, 3, 4],
    ]);
  });

  test("takes the nearer height's colour, or only that of the height itself", () => {
    expect(colorsOf(FILE, [249, 251, 1000], "nearest")).toEqual([
      [0, 0, 255, 255],
      [0, 255, 0, 255],
      [190, 190, 190, 255],
    ]);
    expect(colorsOf(FILE, [499, 500], "exact")).toEqual([
      [0, 0, 0, 0],
      [0, 255, 0, 255],
    ]);
  });

  test("may have shares of the range, in any order", () => {
    expect(colorsOf("100% white\n0% black\n50% red", [0, 50, 100, 200])).toEqual([
      [0, 0, 0, 255],
      [127, 0, 0, 255],
      [255, 0, 0, 255],
      [255, 255, 255, 255],
    ]);
    expect(() => placeStops(parseColorFile("50% red").stops, null)).toThrow(/range is not known/);
  });

  test("with a height twice has a sharp border there", () => {
    const text = "0 black\n100 10 20 30\n100 9 9 9\n100 200 100 0\n200 white";
    expect(colorsOf(text, [99.9999, 100, 100.0001])).toEqual([
      [10, 20, 30, 255],
      [105, 60, 15, 255],
      [200, 100, 0, 255],
    ]);
  });

  test.each([
    ["", /at least one line/],
    ["# nothing", /at least one line/],
    ["1 2 3", /line 1/],
    ["1 red\nx 1 2 3", /line 2 of the colour file, got 'x'/],
    ["1 1 2 x", /got 'x'/],
    ["% 1 2 3", /a number in line 1/],
    ["1 octarine", /octarine/],
  ])("is refused: %j", (text, message) =>
    expect(() => parseColorFile(text)).toThrow(
      expect.objectContaining({ code: "argument.invalid", message: expect.stringMatching(message) }),
    ),
  );
});

describe("a palette of GMT", () => {
  const CPT = "# COLOR_MODEL = RGB\n0 0 0 0 100 10 20 30\n100 100 0 0 200 200 0 0\nB 1 1 1\nF 2 2 2\nN 128 129 130\n";

  test("has slices, each with its own ends", () => {
    expect(colorsOf(CPT, [50, 99.9999, 100.0001, 150, 250, Number.NaN])).toEqual([
      [5, 10, 15, 255],
      [10, 20, 30, 255],
      [100, 0, 0, 255],
      [150, 0, 0, 255],
      [200, 0, 0, 255],
      [128, 129, 130, 255],
    ]);
  });

  test.each([
    ["# COLOR_MODEL = HSV\n0 0 0 0 1 1 1 1", /colour model HSV/],
    ["# COLOR_MODEL = RGB\n0 black 1 white", /8 numbers in line 2/],
  ])("is refused: %j", (text, message) => expect(() => parseCpt(text)).toThrow(message));
});

describe("ramps with names", () => {
  test.each(listColorRamps())("%s goes from the lowest height to the highest", (name) => {
    const stops = placeStops(namedRamp(name), [10, 20]);
    expect([stops[0]?.value, stops.at(-1)?.value]).toEqual([10, 20]);
    expect(stops.flatMap(({ color }) => color).every((byte) => byte >= 0 && byte <= 255)).toBe(true);
  });

  test("others are told the names", () => {
    for (const name of ["rainbow", "constructor"]) expect(() => namedRamp(name)).toThrow(/grey, land/);
  });
});

test("where there is no height and the file says nothing, the number that stands for it is coloured, as with gdaldem", () => {
  const stops = placeStops(parseColorFile("0 black\n100 white").stops, null);
  expect(colorOfNodata(stops, -9999)).toEqual([0, 0, 0, 255]);
  expect(colorOfNodata(stops, Number.NaN)).toEqual([255, 255, 255, 255]);
  expect(colorOfNodata(stops, null)).toEqual([0, 0, 0, 0]);
});
