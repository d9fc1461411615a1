import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { keyValueWmts, restfulWmts } from "../../test/e2e/sources_documents.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { resolveSource } from "./resolve_source.ts";
import {
  addUserSource,
  findUserSource,
  listUserSources,
  userCataloguePath,
  type NamedSource,
} from "./user_catalogue.ts";

const folder = useTempFolder();
const kit = useLoopback();
const relief: NamedSource = {
  name: "relief",
  source: "https://h.example/caps?key=${K}",
  service: true,
  title: "Relief",
};

describe("the user's catalogue", () => {
  test("lies where the environment says, else in the configuration folder", () => {
    expect(userCataloguePath({ TILTH_CATALOGUE: "/c.json", XDG_CONFIG_HOME: "/x" })).toBe("/c.json");
    expect(userCataloguePath({ XDG_CONFIG_HOME: "/x" })).toBe("/x/tilth/catalogue.json");
    expect(userCataloguePath({})).toMatch(/\.config\/tilth\/catalogue\.json$/);
  });

  test("keeps sources by name, replaces one of the same name, and leaves no other file", async () => {
    const path = folder.path("new/folder/c.json");
    expect(await listUserSources(path)).toEqual([]);
    await addUserSource(relief, path);
    await addUserSource({ ...relief, name: "roads" }, path);
    await addUserSource({ ...relief, name: "Relief", layer: "l", dimensions: { time: "2026" } }, path);
    expect((await listUserSources(path)).map(({ name }) => name)).toEqual(["roads", "Relief"]);
    expect(await findUserSource("RELIEF", path)).toMatchObject({ layer: "l", dimensions: { time: "2026" } });
    expect(await findUserSource("none", path)).toBeNull();
    expect(await findUserSource("../relief", path)).toBeNull();
    expect(readdirSync(folder.path("new/folder"))).toEqual(["c.json"]);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test.each([
    ["a key in the URL", { source: "https://h.example/caps?key=abcdefgh" }],
    ["a key beside a variable", { source: "https://h.example/caps?token=${K}&apikey=abcdefgh" }],
    ["a password", { source: "https://u:p@h.example/caps" }],
    ["a key in a header", { headers: { Authorization: "Bearer abcdefgh" } }],
    ["a name that is a path", { name: "../x" }],
    ["a name of Tilth's own", { name: "OSM" }],
    ["a value without end", { layer: "x".repeat(9000) }],
  ])("refuses %s, and writes nothing", async (_name, wrong) => {
    const path = folder.path("refused.json");
    await expect(addUserSource({ ...relief, ...wrong }, path)).rejects.toMatchObject({ code: "argument.invalid" });
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    "https://h.example/caps?key=${K}&map=m",
    "https://${U}:${P}@h.example/caps",
    "https://h.example/${K}/caps",
    "/data/capabilities.xml",
  ])("takes %s", async (source) => {
    const path = folder.path("taken.json");
    await addUserSource({ ...relief, source, headers: { authorization: "Bearer ${K}", referer: "x" } }, path);
    expect(readFileSync(path, "utf8")).toContain(JSON.stringify(source));
  });

  test.each([
    ["no JSON", "{"],
    ["another version", '{"version":2,"sources":[]}'],
    [
      "a field that is not known",
      '{"version":1,"sources":[{"name":"a","source":"b","service":true,"title":"","x":1}]}',
    ],
    ["too many bytes", " ".repeat(5 * 1024 * 1024)],
  ])("that is %s is refused and left as it is", async (_name, text) => {
    const path = folder.path("broken.json");
    writeFileSync(path, text);
    await expect(addUserSource(relief, path)).rejects.toMatchObject({ code: "config.invalid" });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("that cannot be written is told", async () => {
    mkdirSync(folder.path("taken"));
    writeFileSync(folder.path("taken/file"), "");
    await expect(addUserSource(relief, folder.path("taken/file/c.json"))).rejects.toMatchObject({
      code: "config.invalid",
    });
  });
});

describe("resolveSource takes", () => {
  test("a name of the user's catalogue with what it keeps, and what is said now before that", async () => {
    const origin = await kit.origin();
    const template = origin.url("/{Style}/{Time}/{TileMatrix}/{TileRow}/{TileCol}");
    origin.on("/caps", { body: restfulWmts(template) }).onAny({ body: pngTile() });
    const catalogue = folder.path("c.json");
    const kept = { ...relief, source: origin.url("/caps"), style: "grey", dimensions: { Time: "2025-01-01" } };
    await addUserSource(kept, catalogue);
    for (const [options, path] of [
      [{}, "/grey/2025-01-01/0/0/0"],
      [{ style: "day", dimensions: { Time: "2026-01-01" } }, "/day/2026-01-01/0/0/0"],
    ] as const) {
      const source = await resolveSource("relief", { client: kit.client(), catalogue, ...options });
      expect(source.info.title).toBe("Relief");
      await source.fetchTile({ z: 0, x: 0, y: 0 });
      expect(origin.paths().at(-1)).toBe(path);
    }
  });

  test("a description in a file of any name", async () => {
    writeFileSync(folder.path("capabilities"), keyValueWmts("http://h.example/kvp"));
    for (const spec of [folder.path("capabilities"), new URL(`file://${folder.path("capabilities")}`).href]) {
      const source = await resolveSource(spec, { client: kit.client(), catalogue: folder.path("none.json") });
      expect(source.info.kind).toBe("wmts");
    }
  });
});
