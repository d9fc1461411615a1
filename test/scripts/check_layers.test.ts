import { describe, expect, test } from "vitest";
import { findCircle, findFault, listImports } from "../../scripts/check_layers.ts";

const layers = {
  rooms: {
    core: { imports: [], node: false },
    net: { imports: ["core"] },
    cache: { imports: ["core", "net"] },
    cli: { imports: "*" as const },
    viewer: { imports: ["core"], node: false },
  },
  libraries: { undici: ["net"], "node:sqlite": ["cache"], "@scope/tool": ["net"] },
};

describe("listImports", () => {
  test("finds imports and exports of every form", () => {
    const text = `import { a } from "./a.ts";
import type {
  B,
} from './b.ts';
import "./side_effect.ts";
export * from "./c.ts";
export { d, type E } from "./d.ts";
const f = await import("./f.ts");
import g, * as h from "g";
// import nothing from here
const text = "no import";`;
    expect(listImports(text)).toEqual(["./a.ts", "./b.ts", "./side_effect.ts", "./c.ts", "./d.ts", "./f.ts", "g"]);
  });
});

describe("findFault", () => {
  test.each([
    ["net/client.ts", "../core/index.ts"],
    ["net/deep/client.ts", "../../core/index.ts"],
    ["net/client.ts", "./pool.ts"],
    ["net/deep/index.ts", "../index.ts"],
    ["net/client.ts", "undici"],
    ["net/client.ts", "undici/types"],
    ["net/client.ts", "@scope/tool/part"],
    ["net/client.ts", "node:fs"],
    ["cache/store.ts", "node:sqlite"],
    ["cli/main.ts", "../cache/index.ts"],
    ["index.ts", "./cache/index.ts"],
    ["index.ts", "node:fs"],
    ["viewer/map/layer.ts", "../../../src/core/index.ts"],
    ["viewer/main.tsx", "../../src/core/index.ts"],
    ["viewer/map/layer.ts", "../panels/app.tsx"],
  ])("lets %s import %s", (file, specifier) => {
    expect(findFault(file, specifier, layers)).toBeNull();
  });

  test.each([
    ["core/errors.ts", "../net/index.ts", "'core' may not import 'net'"],
    ["net/client.ts", "../cache/index.ts", "'net' may not import 'cache'"],
    ["net/client.ts", "../core/errors.ts", "imports past the door of 'core': core/errors.ts"],
    ["cli/main.ts", "../net/client.ts", "imports past the door of 'net': net/client.ts"],
    ["net/client.ts", "./index.ts", "imports its own door net/index.ts"],
    ["cache/store.ts", "undici", "undici belongs to net, not to 'cache'"],
    ["cache/store.ts", "undici/types", "undici/types belongs to net, not to 'cache'"],
    ["cache/store.ts", "@scope/tool/part", "@scope/tool/part belongs to net, not to 'cache'"],
    ["net/client.ts", "node:sqlite", "node:sqlite belongs to cache, not to 'net'"],
    ["core/errors.ts", "node:fs", "'core' must run without Node, but imports node:fs"],
    ["core/errors.ts", "fs/promises", "'core' must run without Node, but imports fs/promises"],
    ["kitchen/sink.ts", "../core/index.ts", "room 'kitchen' is not in layers.json"],
    ["net/client.ts", "../../test/support/fake.ts", "imports from outside of src: ../test/support/fake.ts"],
    ["viewer/map/layer.ts", "../../../src/net/index.ts", "'viewer' may not import 'net'"],
    ["viewer/map/layer.ts", "../../../src/core/errors.ts", "imports past the door of 'core': core/errors.ts"],
    ["viewer/main.tsx", "node:fs", "'viewer' must run without Node, but imports node:fs"],
    ["core/errors.ts", "../../viewer/src/main.tsx", "imports from outside of src: ../viewer/src/main.tsx"],
    ["index.ts", "./net/client.ts", "imports past the door of 'net': net/client.ts"],
  ])("does not let %s import %s", (file, specifier, fault) => {
    expect(findFault(file, specifier, layers)).toBe(fault);
  });
});

describe("findCircle", () => {
  test("finds none in a table that only goes down", () => {
    expect(findCircle(layers)).toBeNull();
  });

  test.each([
    [{ a: { imports: ["a"] } }, "a -> a"],
    [{ a: { imports: ["b"] }, b: { imports: ["c"] }, c: { imports: ["a"] } }, "a -> b -> c -> a"],
    [{ a: { imports: [] }, b: { imports: ["a", "c"] }, c: { imports: ["b"] } }, "b -> c -> b"],
  ])("in %j finds %s", (rooms, circle) => {
    expect(findCircle({ rooms, libraries: {} })).toBe(circle);
  });
});
