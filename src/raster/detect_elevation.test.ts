import { join } from "node:path";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { realData } from "../../test/support/real_data.ts";
import { detectElevation } from "./detect_elevation.ts";
import { encodeElevation } from "./elevation_tile.ts";
import { decodeTile, type RgbaImage } from "./pixels.ts";

const image = (data: Uint8Array): RgbaImage => ({ width: 16, height: data.length / 64, data });
const heights = (of: (i: number) => number) => Float32Array.from({ length: 256 }, (_, i) => of(i));

describe("detectElevation", () => {
  it.each(["terrarium", "terrainRgb"] as const)("knows %s on mountains, at sea level and in the deep", (encoding) => {
    for (const of of [(i: number) => 1_000 + 20 * (i % 16), () => 0, () => -8_000])
      expect(detectElevation([image(encodeElevation(heights(of), encoding))])).toBe(encoding);
  });

  it("passes over what is clear, and over black", () => {
    const tile = encodeElevation(
      heights((i) => (i % 3 === 0 ? Number.NaN : 500)),
      "terrainRgb",
    );
    for (let i = 0; i < 20; i++) tile.set([0, 0, 0, 255], 4 * (i * 12));
    expect(detectElevation([image(tile)])).toBe("terrainRgb");
  });

  it("refuses colours, greys and nothing at all", () => {
    const painted = (of: (i: number) => [number, number, number]) =>
      image(Uint8Array.from(Array.from({ length: 256 }, (_, i) => [...of(i), 255]).flat()));
    expect(detectElevation([painted((i) => [i % 256, (i * 7) % 256, (i * 3) % 256])])).toBeNull();
    expect(detectElevation([painted((i) => [110 + (i % 16) * 3, 128, 128])])).toBeNull();
    expect(detectElevation([painted(() => [255, 255, 255])])).toBeNull();
    expect(detectElevation([image(new Uint8Array(1_024))])).toBeNull();
    expect(detectElevation([])).toBeNull();
  });

  if (realData !== undefined)
    it("knows a real tile", async () => {
      const tile = await decodeTile(readFileSync(join(realData as string, "terrain_tiles/terrarium_256.png")));
      expect(detectElevation([tile])).toBe("terrarium");
    });
});
