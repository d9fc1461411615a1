import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError } from "../core/index.ts";
import { webMercatorQuad, worldCrs84Quad } from "../grid/index.ts";
import { quadkey, UrlTemplate, type UrlTemplateOptions } from "./url_template.ts";

const grid = webMercatorQuad();
const tile = { z: 3, x: 2, y: 5 };
const build = (template: string, options?: UrlTemplateOptions): string =>
  new UrlTemplate(template, grid, options).build(tile);

describe("placeholders", () => {
  test.each([
    ["{z}/{x}/{y}", "3/2/5"],
    ["{Z}/{X}/{Y}", "3/2/5"],
    ["{z}/{x}/{-y}", "3/2/2"],
    ["{TileMatrix}/{TileRow}/{TileCol}", "3/5/2"],
    ["{tilematrix}/{TILEROW}/{tileCol}", "3/5/2"],
    ["{q}", "212"],
    ["{quadkey}", "212"],
    ["{z}/{x}/{y}{r}.png", "3/2/5.png"],
    ["{bbox}", "-10018754.171394622,-10018754.17139462,-5009377.085697312,-5009377.085697312"],
    ["{bbox-epsg-3857}", "-10018754.171394622,-10018754.17139462,-5009377.085697312,-5009377.085697312"],
  ])("%s of tile 3/2/5 becomes %s", (placeholder, expected) => {
    expect(build(`http://h/${placeholder}`)).toBe(`http://h/${expected}`);
  });

  test("with tms the row counts from the bottom, and {-y} still does", () => {
    expect(build("http://h/{z}/{x}/{y}", { tms: true })).toBe("http://h/3/2/2");
    expect(build("http://h/{z}/{x}/{-y}", { tms: true })).toBe("http://h/3/2/2");
  });

  test("a row is flipped by the height of its own matrix", () => {
    const template = new UrlTemplate("http://h/{z}/{x}/{-y}", worldCrs84Quad());
    expect(template.build({ z: 0, x: 1, y: 0 })).toBe("http://h/0/1/0");
    expect(template.build({ z: 3, x: 9, y: 1 })).toBe("http://h/3/9/6");
  });

  test("fixed values take the place of their names in any case and are encoded", () => {
    const values = { Style: "a b&c", Layer: "ns:roads", Time: "2026-01-01" };
    expect(build("http://h/{layer}/{STYLE}/{time}/{z}/{x}/{y}", { values })).toBe(
      "http://h/ns:roads/a%20b%26c/2026-01-01/3/2/5",
    );
  });

  test("{r} is the suffix for tiles of 512 px", () => {
    expect(build("http://h/{z}/{x}/{y}{r}", { scaleSuffix: "@2x" })).toBe("http://h/3/2/5@2x");
  });

  test.each(["{foo}", "{constructor}", "{toString}", "{__proto__}", "{}"])("%s is refused by name", (name) => {
    const make = (): UrlTemplate => new UrlTemplate(`http://h/{z}/{x}/{y}/${name}`, grid);
    expect(make).toThrow(expect.objectContaining({ code: "source.invalid", message: expect.stringContaining(name) }));
  });

  test("a URL without any placeholder of a tile is refused", () => {
    for (const url of ["http://h/tile.png", "http://{s}.h/tile.png", "http://h/{r}"])
      expect(() => new UrlTemplate(url, grid)).toThrow(expect.objectContaining({ code: "source.invalid" }));
  });
});

describe("quadkeys", () => {
  // Values of Microsoft's "Bing Maps Tile System", and the corners.
  test.each([
    [{ z: 3, x: 3, y: 5 }, "213"],
    [{ z: 1, x: 0, y: 0 }, "0"],
    [{ z: 1, x: 1, y: 1 }, "3"],
    [{ z: 0, x: 0, y: 0 }, ""],
    [{ z: 24, x: 2 ** 24 - 1, y: 0 }, "1".repeat(24)],
    [{ z: 30, x: 2 ** 30 - 1, y: 2 ** 30 - 1 }, "3".repeat(30)],
  ])("of %j is '%s'", (address, key) => expect(quadkey(address)).toBe(key));

  test("the key of a tile begins with the key of its parent", () => {
    const place = fc.integer({ min: 1, max: 30 }).chain((z) => {
      const index = fc.integer({ min: 0, max: 2 ** z - 1 });
      return fc.record({ z: fc.constant(z), x: index, y: index });
    });
    fc.assert(
      fc.property(place, ({ z, x, y }) => {
        const parent = quadkey({ z: z - 1, x: x >> 1, y: y >> 1 });
        expect(quadkey({ z, x, y })).toBe(`${parent}${(x & 1) + 2 * (y & 1)}`);
      }),
    );
  });
});

describe("mirrors", () => {
  const hosts = (template: string, options?: UrlTemplateOptions): string[] =>
    new UrlTemplate(template, grid, options).mirrors.map((mirror) => mirror.split("/")[2] ?? "");

  test.each([
    ["http://{s}.h/{z}/{x}/{y}", ["a.h", "b.h", "c.h"]],
    ["http://{S}.h/{z}/{x}/{y}", ["a.h", "b.h", "c.h"]],
    ["http://{a-d}.h/{z}/{x}/{y}", ["a.h", "b.h", "c.h", "d.h"]],
    ["http://t{1-4}.h/{z}/{x}/{y}", ["t1.h", "t2.h", "t3.h", "t4.h"]],
    ["http://t{9-11}.h/{z}/{x}/{y}", ["t9.h", "t10.h", "t11.h"]],
    ["http://{switch:one,two}.h/{z}/{x}/{y}", ["one.h", "two.h"]],
    ["http://{SWITCH:one,two}.h/{z}/{x}/{y}", ["one.h", "two.h"]],
    ["http://h/{z}/{x}/{y}", ["h"]],
  ])("%s has them written out", (template, expected) => expect(hosts(template)).toEqual(expected));

  test("subdomains can be named", () => {
    expect(hosts("http://{s}.h/{z}/{x}/{y}", { subdomains: ["x1", "x2"] })).toEqual(["x1.h", "x2.h"]);
  });

  test("a mirror is chosen by its index, wrapped", () => {
    const template = new UrlTemplate("http://{s}.h/{z}/{x}/{y}", grid);
    expect([0, 1, 2, 3, -1].map((index) => template.build(tile, index)[7])).toEqual(["a", "b", "c", "a", "a"]);
  });

  test("a range of a billion mirrors costs nothing and is cut", () => {
    expect(hosts("http://t{0-999999999}.h/{z}/{x}/{y}")).toHaveLength(64);
    expect(hosts("http://t{0-99999999999999}.h/{z}/{x}/{y}")).toHaveLength(64);
  });

  test("any text is either a template or refused with a typed error", () => {
    const text = fc.array(fc.constantFrom("{", "}", "z", "x", "{x}", "{s}", "{a-c}", "-", ":", "switch:", "{1-", "$"));
    fc.assert(
      fc.property(text, (parts) => {
        try {
          expect(new UrlTemplate(`http://h/${parts.join("")}`, grid).build(tile)).toMatch(/^http:\/\/h\//);
        } catch (error) {
          expect(error).toBeInstanceOf(TilthError);
        }
      }),
    );
  });
});
