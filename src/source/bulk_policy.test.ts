import { describe, expect, test } from "vitest";
import type { HttpClient } from "../net/index.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { requireBulkAllowed } from "./bulk_policy.ts";
import { openCatalogueSource } from "./catalogue.ts";
import { openSource } from "./open_source.ts";
import { templateSource } from "./template_source.ts";

const kit = useLoopback();
const OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const refusal = expect.objectContaining({
  code: "source.policy",
  message: expect.stringContaining("https://operations.osmfoundation.org/policies/tiles/") as string,
});

describe("terms that forbid bulk use", () => {
  test.each([0, 1])("hold for a TileJSON with only mirror %i there", async (index) => {
    const origin = await kit.origin();
    const tiles = [origin.url("/{z}/{x}/{y}.png")];
    tiles.splice(index, 0, OSM);
    origin.on("/t.json", { body: JSON.stringify({ tilejson: "3.0.0", tiles }) });
    const { info } = await openSource(origin.url("/t.json"), { client: kit.client(), bulk: "allowed" });
    expect(info.bulk).toBe("forbidden");
    expect(() => requireBulkAllowed(info)).toThrow(refusal);
  });

  test("hold for one of many mirrors of a template", () => {
    const { info } = templateSource("https://{switch:tiles.example.org,tile.openstreetmap.org}/{z}/{x}/{y}.png");
    expect(() => requireBulkAllowed(info)).toThrow(refusal);
  });

  test("hold for a redirect: it is not followed, and not tried again", async () => {
    const origin = await kit.origin();
    origin.on("/0/0/0.png", { status: 302, headers: { location: "https://a.tile.openstreetmap.org/0/0/0.png" } });
    const source = templateSource(origin.url("/{z}/{x}/{y}.png"), { client: kit.client() });
    await expect(source.fetchTile({ z: 0, x: 0, y: 0 })).rejects.toEqual(refusal);
    expect(origin.paths()).toEqual(["/0/0/0.png"]);
  });

  test("do not stand in the way of a redirect to anywhere else", async () => {
    const [from, to] = [await kit.origin(), await kit.origin()];
    from.on("/0/0/0.png", { status: 302, headers: { location: to.url("/tile") } });
    to.on("/tile", { body: pngTile() });
    const source = templateSource(from.url("/{z}/{x}/{y}.png"), { client: kit.client() });
    expect((await source.fetchTile({ z: 0, x: 0, y: 0 })).kind).toBe("tile");
  });
});

test.each(["https://{Style}/{z}/{x}/{y}.png", "https://h{x}.example.org/{z}/{y}.png"])(
  "a host with a placeholder (%s) is refused, because nothing is known of it",
  (template) => {
    const open = (): unknown => templateSource(template, { style: "tile.openstreetmap.org" });
    expect(open).toThrow(expect.objectContaining({ code: "source.invalid" }));
  },
);

test.each(["swisstopo", "ign-ortho"])("%s, whose terms are not certain, is refused by name with a way on", (name) => {
  expect(() => openCatalogueSource(name)).toThrow(/Read the terms.*give the URL template/);
});

describe("the pace of a catalogue source", () => {
  const limitOf = (client: HttpClient): number =>
    openCatalogueSource("usgs-topo", { client }).hosts[0]?.status.concurrencyLimit ?? 0;

  test("is kept whatever the user asks for", () => {
    expect(limitOf(kit.client({ defaultPolicy: { concurrency: 200 } }))).toBe(4);
    expect(limitOf(kit.client())).toBeLessThanOrEqual(4);
  });

  test("may be gentler when the user says so", () => {
    expect(limitOf(kit.client({ defaultPolicy: { concurrency: 2, ratePerSecond: 1 } }))).toBe(2);
    const client = kit.client({ defaultPolicy: { ratePerSecond: 1 } });
    const [host] = openCatalogueSource("usgs-topo", { client }).hosts;
    host?.begin("first");
    expect(host?.delayMs()).toBeGreaterThan(900);
  });

  test("is one for all who open it: the state of the host is not begun anew", () => {
    const client = kit.client();
    const [first] = openCatalogueSource("usgs-topo", { client }).hosts;
    expect(openCatalogueSource("usgs-imagery", { client }).hosts[0]).toBe(first);
  });
});
