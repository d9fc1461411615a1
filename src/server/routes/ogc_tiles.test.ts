import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getGrid } from "../../grid/index.ts";
import { HttpClient } from "../../net/index.ts";
import { openServiceSource } from "../../source/index.ts";
import { pngTile } from "../../../test/support/png_tile.ts";
import { createApp } from "../app.ts";
import { memoryCache } from "../fixtures/memory_cache.ts";
import { CacheRegistry } from "../served_cache.ts";

const TILE = { z: 2, x: 2, y: 1 };
const GRIDS = ["WebMercatorQuad", "WorldCRS84Quad", "EPSG:2056", "EuropeanETRS89_LAEAQuad"];

let registry: CacheRegistry;
let app: FastifyInstance;

beforeEach(async () => {
  registry = new CacheRegistry();
  for (const [index, name] of GRIDS.entries()) {
    const data = await pngTile({ z: 0, x: index, y: 0 });
    registry.put(await memoryCache(`cache${index}`, TILE, data, { grid: name, title: "A cache", format: "png" }));
  }
  app = await createApp({ registry });
});

afterEach(async () => {
  await app.close();
  await registry.close();
});

interface Document {
  links: { rel: string; href: string }[];
}

const hrefOf = ({ links }: Document, rel: string): string => links.find((link) => link.rel.endsWith(rel))?.href ?? "";

test("a client comes from the landing page to a tile by links alone", async () => {
  const follow = async (url: string): Promise<Document> => (await app.inject(new URL(url).pathname)).json<Document>();
  const landing = await follow("http://localhost/ogc");
  expect((await app.inject(new URL(hrefOf(landing, "conformance")).pathname)).json()).toMatchObject({
    conformsTo: expect.arrayContaining(["http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core"]),
  });
  const { collections } = (await follow(hrefOf(landing, "data"))) as Document & { collections: Document[] };
  expect(collections).toHaveLength(GRIDS.length);
  const sets = (await follow(hrefOf(collections[2] as Document, "tilesets-map"))) as Document & {
    tilesets: Document[];
  };
  const template = hrefOf(sets.tilesets[0] as Document, "item");
  const url = template.replace("{tileMatrix}", "2").replace("{tileRow}", "1").replace("{tileCol}", "2");
  const answer = await app.inject(new URL(url).pathname);
  expect(answer.rawPayload).toEqual(Buffer.from(await pngTile({ z: 0, x: 2, y: 0 })));
});

test.each(GRIDS.map((grid, index) => [grid, index] as const))(
  "a tile set on %s is read again, with its tiles",
  async (name, index) => {
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const client = new HttpClient();
    const source = await openServiceSource(`${address}/ogc/collections/cache${index}/map/tiles`, { client });
    const [own, read] = [getGrid(name).getMatrix(TILE.z), source.info.grid.getMatrix(TILE.z)];
    expect(source.info.grid.crs.code).toBe(getGrid(name).crs.code);
    expect(read.pointOfOrigin[0]).toBeCloseTo(own.pointOfOrigin[0], 6);
    expect(read.cellSize / own.cellSize).toBeCloseTo(1, 9);
    const answer = await source.fetchTile(TILE);
    const stored = await registry.find(`cache${index}`)?.cache.getTile(TILE);
    expect(answer.kind === "tile" && Buffer.from(answer.data)).toEqual(Buffer.from(stored?.data ?? []));
    await source.close();
    await client.close();
  },
);

describe("what is not there", () => {
  test.each([
    ["/ogc/collections/nobody", 404],
    ["/ogc/collections/nobody/map/tiles", 404],
    ["/ogc/tileMatrixSets/nothing", 404],
    ["/ogc/collections/cache0/map/tiles/other", 404],
    ["/ogc/collections/cache0/map/tiles/WebMercatorQuad/77/0/0", 404],
    ["/ogc/collections/cache0/map/tiles/WebMercatorQuad/2/4/0", 404],
    ["/ogc/collections/cache0/map/tiles/WebMercatorQuad/2/0/4", 404],
    ["/ogc/collections/cache0/map/tiles/WebMercatorQuad/2/0/0", 404],
    ["/ogc/collections/cache0/map/tiles/WebMercatorQuad/2/x/0", 400],
  ])("%s is %d", async (url, status) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toHaveProperty("error.code");
  });
});
