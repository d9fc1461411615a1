import { describe, expect, test } from "vitest";
import { requireBulkAllowed } from "./bulk_policy.ts";
import { findCatalogueEntry, listCatalogue, openCatalogueSource } from "./catalogue.ts";
import { openSource } from "./open_source.ts";

const env = { THUNDERFOREST_KEY: "key1key1", MAPTILER_KEY: "key2key2", STADIA_KEY: "key3key3" };
const forbidden = listCatalogue().filter((entry) => entry.bulk === "forbidden");
const refused = listCatalogue().filter((entry) => entry.bulk === "forbidden" || entry.bulk === "unknown");
const seedable = listCatalogue().filter((entry) => entry.bulk === "allowed" || entry.bulk === "ownKey");

/** A source that somebody made of a bare URL. */
const bare = (id: string): Parameters<typeof requireBulkAllowed>[0] => ({
  id,
  title: "mine",
  bulk: "unknown",
  termsUrl: null,
});

describe("every entry", () => {
  test.each(listCatalogue().map((entry) => [entry.name, entry] as const))("%s is complete", (name, entry) => {
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(entry.title).not.toBe("");
    expect(entry.attribution).not.toBe("");
    expect(entry.note.length).toBeGreaterThan(10);
    expect(URL.parse(entry.termsUrl)?.protocol).toBe("https:");
    expect(entry.template).toMatch(/^https:\/\//);
    expect(entry.minZoom).toBeGreaterThanOrEqual(0);
    expect(entry.maxZoom).toBeGreaterThan(entry.minZoom);
    expect(entry.maxZoom).toBeLessThanOrEqual(22);
    expect(/\$\{(\w+)\}/.exec(entry.template)?.[1] ?? null).toBe(entry.keyVariable);
    expect(entry.keyVariable !== null).toBe(entry.bulk === "ownKey");
    expect(entry.hosts.length > 0).toBe(entry.bulk === "forbidden");
  });

  test("has a name of its own", () => {
    const names = listCatalogue().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(seedable.map((entry) => [entry.name, entry] as const))("%s opens with its terms", (_name, entry) => {
    const { info, hosts } = openCatalogueSource(entry.name, { env });
    expect(info).toMatchObject({ kind: "catalogue", attribution: entry.attribution, termsUrl: entry.termsUrl });
    expect(info).toMatchObject({ bulk: entry.bulk, minZoom: entry.minZoom, maxZoom: entry.maxZoom });
    expect(hosts.length).toBeGreaterThan(0);
    expect(JSON.stringify(info)).not.toMatch(/key[12]key/);
    expect(() => requireBulkAllowed(info)).not.toThrow();
  });

  test.each(refused.map((entry) => [entry.name, entry] as const))("%s is refused by its name", (_name, entry) => {
    const refusal = expect.objectContaining({
      code: "source.policy",
      message: expect.stringContaining(entry.termsUrl) as string,
    });
    expect(() => openCatalogueSource(entry.name)).toThrow(refusal);
  });

  test.each(forbidden.map((entry) => [entry.name, entry.template]))("%s is refused by its URL", (_name, template) => {
    expect(() => requireBulkAllowed(bare(template))).toThrow(expect.objectContaining({ code: "source.policy" }));
  });
});

describe("OpenStreetMap's servers", () => {
  test("are refused by name in any case, with what to do instead", async () => {
    for (const name of ["osm", "OSM", "Osm"])
      await expect(openSource(name)).rejects.toMatchObject({
        code: "source.policy",
        message: expect.stringMatching(/forbidden.*use a provider that allows it/) as string,
      });
  });

  test.each([
    "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    "http://tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://a.tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://{a-c}.tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://{switch:a,b}.tile.openstreetmap.org/{z}/{x}/{y}.png",
    "HTTPS://TILE.OpenStreetMap.ORG/{z}/{x}/{y}.png",
    "https://tile.openstreetmap.org./{z}/{x}/{y}.png",
    "https://tile.openstreetmap.org:443/{z}/{x}/{y}.png",
    "https://me:pass@tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://***@tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://tile.openstreetmap%2Eorg/{z}/{x}/{y}.png",
    "https://tile.osm.org/{z}/{x}/{y}.png",
  ])("are refused as %s", async (url) => {
    const { info } = await openSource(url);
    expect(() => requireBulkAllowed(info)).toThrow(expect.objectContaining({ code: "source.policy" }));
    expect(() => requireBulkAllowed(bare(url))).toThrow(expect.objectContaining({ code: "source.policy" }));
  });

  test.each([
    "https://tile.example.org/{z}/{x}/{y}.png",
    "https://nottile.openstreetmap.org.example.com/{z}/{x}/{y}.png",
    "https://mytile.openstreetmap.orgs/{z}/{x}/{y}.png",
    "https://h/{z}/{x}/{y}.png?from=tile.openstreetmap.org",
    "/data/tile.openstreetmap.org.mbtiles",
  ])("are not meant by %s", (id) => {
    expect(() => requireBulkAllowed(bare(id))).not.toThrow();
  });

  test("stay refused when the user says that bulk use is allowed", () => {
    const info = { ...bare("https://tile.openstreetmap.org/{z}/{x}/{y}.png"), bulk: "allowed" as const };
    expect(() => requireBulkAllowed(info)).toThrow(expect.objectContaining({ code: "source.policy" }));
  });
});

test("a source that is marked as forbidden is refused wherever it is", () => {
  const info = { ...bare("https://h/{z}"), bulk: "forbidden" as const, termsUrl: "https://h/terms" };
  expect(() => requireBulkAllowed(info)).toThrow(/https:\/\/h\/terms/);
});

test("a key that is not set is asked for by its name", () => {
  expect(() => openCatalogueSource("thunderforest", { env: {} })).toThrow(/THUNDERFOREST_KEY/);
});

test("a name that is not there is null, and cannot be opened", () => {
  expect(findCatalogueEntry("nowhere")).toBeNull();
  expect(() => openCatalogueSource("nowhere")).toThrow(expect.objectContaining({ code: "source.invalid" }));
});
