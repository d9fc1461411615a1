import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { noiseTiles, startOrigin, type Origin } from "../origin/index.ts";
import { useLoopback, type Loopback } from "../support/loopback.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";
import { keyValueWmts, matrixSetXml, matrixXml, restfulWmts, wms130, wmtsXml } from "./sources_documents.ts";

const folder = useTempFolder();
const kit = useLoopback();
const noise = await noiseTiles();
const origins: Origin[] = [];

afterEach(async () => {
  for (const origin of origins.splice(0)) await origin.close();
});

const run = async (...args: string[]): Promise<TilthRun> =>
  runTilth([...args, "--json"], { env: { TILTH_CATALOGUE: folder.path("catalogue.json"), MAPS_KEY: "k3y-of-mine" } });

const WORLD = ["--bbox", "-180,-85.06,180,85.06"];

/** A service that answers a request with the tile that it names; any other request fails the test. */
async function serveTiles(caps: (host: string) => string, address: RegExp): Promise<Loopback> {
  const origin = await kit.origin();
  origin.onAny((response, request) => {
    const path = request.url ?? "";
    const found = address.exec(path)?.groups;
    if (path.includes("GetCapabilities")) return response.end(caps(origin.host));
    if (found === undefined) return response.writeHead(400).end();
    const [z = 0, x = 0, y = 0] = [found["z"], found["x"], found["y"]].map(Number);
    return void Promise.resolve(noise(z, x, y, 1)).then((tile) => response.end(tile?.data));
  });
  return origin;
}

/** Tiles of the file as `z/x/y`; each is compared with what the service has there. */
async function readExact(path: string): Promise<string[]> {
  const store = await openStore(path, { mode: "read" });
  const found: string[] = [];
  for await (const { tile, data } of store.list()) {
    if (data === null) continue;
    const expected = await noise(tile.z, tile.x, tile.y, 1);
    expect(Buffer.from(data).equals(Buffer.from(expected?.data ?? []))).toBe(true);
    found.push(`${tile.z}/${tile.x}/${tile.y}`);
  }
  await store.close();
  return found.toSorted();
}

describe("tilth seed of a service that describes itself", () => {
  test("a WMTS by key-value pairs", async () => {
    const address = /&LAYER=relief&STYLE=day&.*&TILEMATRIX=EPSG:3857:(?<z>\d)&TILEROW=(?<y>\d)&TILECOL=(?<x>\d)/;
    const origin = await serveTiles((host) => keyValueWmts(`http://${host}/kvp?map=m`), address);
    const out = folder.path("kvp.gpkg");
    const caps = origin.url("/wmts?service=WMTS&request=GetCapabilities");
    const first = await run("seed", caps, ...WORLD, "--zoom", "0-2", "--out", out);
    expect(first.stderr).not.toContain("tilth:");
    expect([first.code, first.report?.["stored"]]).toEqual([0, 21]);
    expect(await readExact(out)).toHaveLength(21);
    const again = await run("seed", caps, ...WORLD, "--zoom", "0-2", "--out", out);
    expect([again.code, again.report?.["present"], again.report?.["requests"]]).toEqual([0, 21, 0]);
  });

  test("a WMTS by templates, within its limits", async () => {
    const address = /^\/day\/2025-01-01\/google\/(?<z>\d)\/(?<y>\d)\/(?<x>\d)\.png$/;
    const template = "{Style}/{Time}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png";
    const origin = await serveTiles((host) => restfulWmts(`http://${host}/${template}`), address);
    const out = folder.path("rest.gpkg");
    const caps = origin.url("/wmts.xml?request=GetCapabilities");
    const seeded = await run("seed", caps, ...WORLD, "--zoom", "0-2", "--dimension", "time=2025-01-01", "--out", out);
    expect(seeded.stderr).not.toContain("tilth:");
    // Zoom 2 has one tile within the limits: 15 of its 16 are known to be empty.
    expect([seeded.code, seeded.report?.["stored"], seeded.report?.["empty"]]).toEqual([0, 6, 15]);
    expect(await readExact(out)).toEqual(["0/0/0", "1/0/0", "1/0/1", "1/1/0", "1/1/1", "2/2/1"]);
    expect(origin.paths().filter((path) => path.startsWith("/day/"))).toHaveLength(6);
  });

  test("a WMTS in a national system, with a corner of its own on each level", async () => {
    const levels = [
      { id: "coarse", scale: 400 / 0.00028, corner: "2400000 1400000", width: 5, height: 5 },
      { id: "fine", scale: 100 / 0.00028, corner: "2450000 1380000", width: 18, height: 18 },
    ];
    const sets = matrixSetXml("swiss", "urn:ogc:def:crs:EPSG::2056", levels.map(matrixXml).join(""));
    const link =
      "<Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>swiss</TileMatrixSet></TileMatrixSetLink>";
    const resource = (host: string): string =>
      `<ResourceURL format="image/png" resourceType="tile" template="http://${host}/t/{TileMatrix}/{TileRow}/{TileCol}"/>`;
    const origin = await kit.origin();
    origin.onAny((response, request) => {
      const path = request.url ?? "";
      if (path.includes("GetCapabilities")) return response.end(wmtsXml({ layer: link + resource(origin.host), sets }));
      const found = /^\/t\/(coarse|fine)\/(\d+)\/(\d+)$/.exec(path);
      if (found === null) return response.writeHead(400).end();
      const tile = noise(found[1] === "coarse" ? 0 : 1, Number(found[3]), Number(found[2]), 1);
      return void Promise.resolve(tile).then((one) => response.end(one?.data));
    });
    const out = folder.path("swiss");
    const caps = origin.url("/wmts.xml?request=GetCapabilities");
    // Bern, 7.43864 E 46.95108 N, is the system's origin: 2600000, 1200000. Tiles are 102400 and 25600 m wide.
    const seeded = await run("seed", caps, "--bbox", "7.438,46.950,7.439,46.952", "--zoom", "0-1", "--out", out);
    expect(seeded.stderr).not.toContain("tilth:");
    expect([seeded.code, seeded.report?.["stored"]]).toEqual([0, 2]);
    // (2600000 - 2400000) / 102400 = 1.95, (1400000 - 1200000) / 102400 = 1.95; 150000 / 25600 = 5.86, 180000 / 25600 = 7.03.
    expect(await readExact(out)).toEqual(["0/1/1", "1/5/7"]);
    const verified = await run("verify", out);
    expect(verified.code).toBe(0);
  });

  test("a WMS", async () => {
    const extent = 20_037_508.342789244;
    const origin = await kit.origin();
    origin.onAny((response, request) => {
      const query = new URLSearchParams((request.url ?? "").split("?")[1]);
      if (query.get("REQUEST") === "GetCapabilities") return response.end(wms130(`http://${origin.host}/map`));
      if (query.get("LAYERS") !== "land" || query.get("CRS") !== "EPSG:3857") return response.writeHead(400).end();
      const [minX = 0, , maxX = 0, maxY = 0] = (query.get("BBOX") ?? "").split(",").map(Number);
      const z = Math.round(Math.log2((2 * extent) / (maxX - minX)));
      const span = (2 * extent) / 2 ** z;
      const tile = noise(z, Math.round((minX + extent) / span), Math.round((extent - maxY) / span), 1);
      return void Promise.resolve(tile).then((found) => response.end(found?.data));
    });
    const out = folder.path("wms.gpkg");
    const caps = origin.url("/wms?service=WMS&REQUEST=GetCapabilities");
    const seeded = await run("seed", caps, "--layer", "land", ...WORLD, "--zoom", "0-1", "--out", out);
    expect(seeded.stderr).not.toContain("tilth:");
    expect([seeded.code, seeded.report?.["stored"]]).toEqual([0, 5]);
    expect(await readExact(out)).toHaveLength(5);
  });

  test("with several layers lists them and says what to type", async () => {
    writeFileSync(folder.path("caps.xml"), wms130("http://h.example/map"));
    const refused = await run("seed", folder.path("caps.xml"), ...WORLD, "--zoom", "0", "--out", folder.path("x.gpkg"));
    expect(refused.code).toBe(2);
    expect(refused.report).toMatchObject({ error: { code: "source.invalid" } });
    expect(refused.stderr).toMatch(/expected --layer NAME.*'land', 'water'/);
  });
});

describe("tilth sources", () => {
  test("shows what a file offers, adds a URL with its key as a variable, lists it, and seeds it by name", async () => {
    const address = /TILEMATRIX=EPSG:3857:(?<z>\d)&TILEROW=(?<y>\d)&TILECOL=(?<x>\d)&key=k3y-of-mine$/;
    const origin = await serveTiles((host) => keyValueWmts(`http://${host}/kvp`), address);
    writeFileSync(folder.path("caps.xml"), keyValueWmts("http://h.example/kvp"));
    const shown = await run("sources", "show", folder.path("caps.xml"));
    expect(shown.code).toBe(0);
    expect(shown.report).toMatchObject({
      service: { kind: "wmts", matrixSets: [{ id: "EPSG:3857", grid: "WebMercatorQuad", zooms: [0, 2] }] },
    });
    const added = await run(
      "source",
      "add",
      `${origin.url("/wmts?service=WMTS")}&key=\${MAPS_KEY}`,
      "--name",
      "nowhere",
    );
    expect(added.stderr).toBe("");
    expect(added.report).toMatchObject({
      added: { name: "nowhere" },
      kind: "wmts",
      grid: "WebMercatorQuad",
      maxZoom: 2,
    });
    expect(added.stdout).not.toContain("k3y-of-mine");
    const listed = await run("sources", "list");
    expect(listed.report).toMatchObject({ userSources: [{ name: "nowhere" }] });
    const out = folder.path("named.gpkg");
    const seeded = await run("seed", "nowhere", ...WORLD, "--zoom", "1", "--out", out);
    expect([seeded.code, seeded.report?.["stored"]]).toEqual([0, 4]);
    expect(await readExact(out)).toHaveLength(4);
  });

  test("keeps a file by its whole path, and a URL with placeholders", async () => {
    writeFileSync(folder.path("caps.xml"), restfulWmts("http://h.example/{TileMatrix}/{TileRow}/{TileCol}"));
    const file = await runTilth(["sources", "add", "caps.xml", "--name", "file", "--json"], {
      cwd: folder.path("."),
      env: { TILTH_CATALOGUE: folder.path("catalogue.json") },
    });
    expect(file.report).toMatchObject({ added: { source: folder.path("caps.xml"), service: true } });
    const template = await run("sources", "add", "https://h.example/{z}/{x}/{y}.png", "--name", "plain");
    expect(template.report).toMatchObject({ added: { name: "plain", service: false }, kind: "template" });
    const shown = await run("sources", "show", "plain");
    expect(shown.report).toMatchObject({ source: { source: "https://h.example/{z}/{x}/{y}.png" } });
    const counted = await run("sources", "show", "file");
    expect(counted.report).toMatchObject({ service: { layers: [{ name: "relief" }] } });
  });

  test("says for people what can be chosen", async () => {
    writeFileSync(folder.path("caps.xml"), wms130("http://h.example/map"));
    const shown = await runTilth(["sources", "show", folder.path("caps.xml"), "--layer", "land"]);
    expect(shown.code).toBe(0);
    for (const words of [
      "styles: own (default), inherited",
      "CRS: EPSG:4326, EPSG:3857",
      "dimension time: default 2026-01-01",
      "maxWidth 1024",
    ])
      expect(shown.stdout).toContain(words);
  });

  test.each([
    [["sources", "remove", "x"], "argument.invalid"],
    [["sources", "show"], "argument.invalid"],
    [["sources", "show", "no-such-name"], "source.invalid"],
    [["sources", "add", "https://h.example/wms?service=WMS&key=abcdefgh"], "argument.invalid"],
  ])("%j is bad usage", async (args, code) => {
    const refused = await run(...args);
    expect([refused.code, refused.report]).toMatchObject([2, { error: { code } }]);
  });

  test("an origin without a description is told as that", async () => {
    const origin = await startOrigin({ tiles: noise });
    origins.push(origin);
    const refused = await run("sources", "show", `${origin.url}/tiles/0/0/0.png`);
    expect([refused.code, refused.report]).toMatchObject([2, { error: { code: "source.invalid" } }]);
  });
});
