import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeSource } from "../../test/support/fake_source.ts";
import { getGrid, makeGrid, webMercatorQuad, worldCrs84Quad } from "../grid/index.ts";
import { OUTPUT_FORMATS } from "../raster/index.ts";
import { RESAMPLINGS } from "../reproject/index.ts";
import type { SourceInfo } from "../source/index.ts";
import { parseWarpId, warpId, type WarpRecipe } from "./warp_id.ts";

type Recipe = Parameters<typeof warpId>[1];

const PLAIN: Recipe = { resampling: "bilinear", encoding: { format: "png" }, elevation: null };

function infoOf(more: Partial<SourceInfo> = {}): SourceInfo {
  return new FakeSource({ info: { id: "https://a.example/{z}/{x}/{y}.png", ...more } }).info;
}

const quads = [webMercatorQuad(), worldCrs84Quad(), getGrid("EPSG:2056")];
const zooms = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const recipes = fc.record({
  resampling: fc.constantFrom(...RESAMPLINGS),
  encoding: fc.record({
    format: fc.constantFrom(...OUTPUT_FORMATS),
    quality: fc.integer({ min: 1, max: 100 }),
    effort: fc.integer({ min: 1, max: 9 }),
  }),
  elevation: fc.constantFrom(null, "terrarium" as const, "terrainRgb" as const),
});
const sources = fc
  .tuple(fc.string({ minLength: 1, unit: "binary" }), fc.constantFrom(...quads), zooms)
  .map(([id, grid, [minZoom, maxZoom]]) => infoOf({ id, grid, minZoom, maxZoom }));

/** All that a recipe says, defaults filled in. */
function whole(source: SourceInfo, { resampling, encoding, elevation }: Recipe): WarpRecipe {
  const { format, quality = 85, effort = 3 } = encoding;
  const { grid, minZoom, maxZoom } = source;
  return { resampling, elevation, encoding: { format, quality, effort }, sourceGrid: grid.id, minZoom, maxZoom };
}

describe("warpId and parseWarpId", () => {
  test("give back the source and the recipe, whatever the source is called", () => {
    fc.assert(
      fc.property(sources, recipes, (source, recipe) => {
        expect(parseWarpId(warpId(source, recipe))).toEqual({ base: source.id, recipe: whole(source, recipe) });
      }),
    );
  });

  test("of what is not said say the defaults, so that both ways of asking are one file", () => {
    const said = warpId(infoOf(), { ...PLAIN, encoding: { format: "png", quality: 85, effort: 3 } });
    expect(warpId(infoOf(), PLAIN)).toBe(said);
    expect(parseWarpId(said)?.recipe).toEqual(whole(infoOf(), PLAIN));
  });

  test("begin with the source's id, on one line and in ASCII after it", () => {
    const id = warpId(infoOf({ grid: makeGrid({ crs: "EPSG:2056", id: "Grün & #warp= fern" }) }), PLAIN);
    expect(id.startsWith(infoOf().id)).toBe(true);
    expect(id.slice(infoOf().id.length)).toMatch(/^#warp=[\x21-\x7e]+$/);
    expect(parseWarpId(id)).toMatchObject({ base: infoOf().id, recipe: { sourceGrid: "Grün & #warp= fern" } });
  });

  test("know a source that is warped twice by its last recipe", () => {
    const once = warpId(infoOf(), PLAIN);
    const twice = warpId(infoOf({ id: once }), { ...PLAIN, resampling: "cubic" });
    expect(parseWarpId(twice)).toMatchObject({ base: once, recipe: { resampling: "cubic" } });
    expect(parseWarpId(parseWarpId(twice)?.base ?? "")).toMatchObject({ base: infoOf().id });
  });
});

describe("two recipes that make other tiles", () => {
  test.each<[string, Partial<SourceInfo>, Partial<Recipe>]>([
    ["resampling", {}, { resampling: "cubic" }],
    ["format", {}, { encoding: { format: "jpeg" } }],
    ["quality", {}, { encoding: { format: "png", quality: 84 } }],
    ["effort", {}, { encoding: { format: "png", effort: 9 } }],
    ["elevation", {}, { elevation: "terrarium" }],
    ["source", { id: "https://b.example/{z}/{x}/{y}.png" }, {}],
    ["grid of the source", { grid: worldCrs84Quad() }, {}],
    ["finest level", { maxZoom: 12 }, {}],
    ["coarsest level", { minZoom: 1 }, {}],
  ])("have other ids: %s", (_what, info, recipe) => {
    expect(warpId(infoOf(info), { ...PLAIN, ...recipe })).not.toBe(warpId(infoOf(), PLAIN));
  });

  test("have other ids, whichever they are", () => {
    fc.assert(
      fc.property(sources, recipes, sources, recipes, (source, recipe, other, otherRecipe) => {
        const same = JSON.stringify(whole(source, recipe)) === JSON.stringify(whole(other, otherRecipe));
        expect(warpId(source, recipe) === warpId(other, otherRecipe)).toBe(same && source.id === other.id);
      }),
    );
  });
});

describe("parseWarpId gives null", () => {
  test("for whatever other sources are called", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true }), fc.string()).filter((id) => !id.includes("#warp=")),
        (id) => {
          expect(parseWarpId(id)).toBeNull();
        },
      ),
    );
  });

  const good = warpId(infoOf({ maxZoom: 9 }), PLAIN);

  test.each([
    ["a mark alone", "a#warp="],
    ["an unknown filter", good.replace("bilinear", "fancy")],
    ["a filter that every object has", good.replace("bilinear", "constructor")],
    ["an unknown format", good.replace("format=png", "format=gif")],
    ["no format", good.replace("format=png&", "")],
    ["no levels", good.replace(/&zooms=.*/, "")],
    ["levels that are none", good.replace("zooms=0-9", "zooms=0-9e1")],
    ["levels below zero", good.replace("zooms=0-9", "zooms=-1-9")],
  ])("for %s", (_what, id) => {
    expect(id).not.toBe(good);
    expect(parseWarpId(id)).toBeNull();
  });
});
