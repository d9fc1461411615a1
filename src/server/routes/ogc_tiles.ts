import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { TilthError } from "../../core/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import { nameInAddress, numberInAddress } from "../address_schema.ts";
import { answerTile, type TileAnswerOptions } from "../answer_tile.ts";
import { baseUrlOf } from "../base_url.ts";
import { matrixSetName } from "../matrix_set_names.ts";
import { collection, CONFORMANCE, landingPage, listMatrixSets, tileSet } from "../ogc/documents.ts";
import type { CacheRegistry, ServedCache } from "../served_cache.ts";

export interface OgcRouteOptions extends TileAnswerOptions {
  registry: CacheRegistry;
}

const cacheParams = z.object({ cache: nameInAddress });
const setParams = z.object({ set: nameInAddress });
const number = numberInAddress("expected whole numbers {tileRow}/{tileCol}");
const tileParams = cacheParams.extend({ set: nameInAddress, matrix: nameInAddress, row: number, column: number });

const described = (summary: string, params?: z.ZodType) => ({
  schema: { tags: ["ogc"], summary, ...(params === undefined ? {} : { params }) },
});

/** OGC API - Tiles (OGC 20-057) under `/ogc`: landing page, conformance, collections, tile matrix sets, tile sets, tiles. */
export function addOgcRoutes(app: FastifyInstance, options: OgcRouteOptions): void {
  const { registry } = options;
  app.get("/ogc", described("Landing page of OGC API - Tiles"), async (request) => landingPage(baseUrlOf(request)));
  app.get("/ogc/conformance", described("What of OGC API - Tiles is here"), async () => ({ conformsTo: CONFORMANCE }));
  addCollectionRoutes(app, registry);
  addMatrixSetRoutes(app, registry);
  for (const kind of ["/map/tiles", "/tiles"]) addTileSetRoutes(app, `/ogc/collections/:cache${kind}`, options);
}

function addCollectionRoutes(app: FastifyInstance, registry: CacheRegistry): void {
  app.get("/ogc/collections", described("Caches as collections"), async (request) => {
    const base = baseUrlOf(request);
    const collections = registry.list().map((served) => collection(served, base));
    return { links: [{ rel: "self", type: "application/json", href: `${base}/ogc/collections` }], collections };
  });
  app.get<{ Params: z.infer<typeof cacheParams> }>(
    "/ogc/collections/:cache",
    described("One cache", cacheParams),
    async (request) => collection(findCache(registry, request.params.cache), baseUrlOf(request)),
  );
}

function addMatrixSetRoutes(app: FastifyInstance, registry: CacheRegistry): void {
  app.get("/ogc/tileMatrixSets", described("Grids of the caches"), async (request) => {
    const base = baseUrlOf(request);
    const sets = [...listMatrixSets(registry.list())].map(([id, { title }]) => {
      const href = `${base}/ogc/tileMatrixSets/${id}`;
      return { id, title, links: [{ rel: "self", type: "application/json", href }] };
    });
    return { tileMatrixSets: sets };
  });
  app.get<{ Params: z.infer<typeof setParams> }>(
    "/ogc/tileMatrixSets/:set",
    described("One grid", setParams),
    async (request) => {
      const { set } = request.params;
      const found = listMatrixSets(registry.list()).get(set);
      if (found !== undefined) return found;
      throw new TilthError("grid.level", `there is no tile matrix set '${set.slice(0, 100)}' here`);
    },
  );
}

function addTileSetRoutes(app: FastifyInstance, path: string, options: OgcRouteOptions): void {
  const { registry } = options;
  app.get<{ Params: z.infer<typeof cacheParams> }>(
    path,
    described("Tile sets of a cache", cacheParams),
    async (request) => {
      const served = findCache(registry, request.params.cache);
      return { tilesets: [tileSet(served, registry.list(), baseUrlOf(request))] };
    },
  );
  const inSet = cacheParams.extend(setParams.shape);
  app.get<{ Params: z.infer<typeof inSet> }>(`${path}/:set`, described("A tile set", inSet), async (request) => {
    const served = findCache(registry, request.params.cache);
    requireSet(served, registry, request.params.set);
    return tileSet(served, registry.list(), baseUrlOf(request));
  });
  app.get<{ Params: z.infer<typeof tileParams> }>(
    `${path}/:set/:matrix/:row/:column`,
    described("A tile", tileParams),
    async (request, reply) => {
      const { cache: name, set, matrix, row, column } = request.params;
      return registry.use(name, async (served) => {
        requireSet(served, registry, set);
        return answerTile(request, reply, served, readAddress(served, matrix, row, column), options);
      });
    },
  );
}

function findCache(registry: CacheRegistry, name: string): ServedCache {
  const served = registry.find(name);
  if (served !== null) return served;
  throw new TilthError(
    "cache.missing",
    `there is no cache '${name.slice(0, 100)}' here; those that there are stand in /ogc/collections`,
  );
}

function requireSet(served: ServedCache, registry: CacheRegistry, set: string): void {
  const own = matrixSetName(served, registry.list());
  if (set !== own)
    throw new TilthError("grid.level", `expected the tile matrix set ${own}, got '${set.slice(0, 100)}'`);
}

/** @throws `grid.level` */
function readAddress({ cache }: ServedCache, matrix: string, row: string, column: string): TileCoord {
  const { grid } = cache.store;
  const z = grid.matrices.findIndex(({ id }) => id === matrix);
  if (z < 0) throw new TilthError("grid.level", `there is no tile matrix '${matrix.slice(0, 100)}' in ${grid.id}`);
  const tile = { z, x: Number(column), y: Number(row) };
  if (grid.hasTile(tile)) return tile;
  throw new TilthError("grid.level", `row ${row}, column ${column} lies outside of the matrix ${matrix} of ${grid.id}`);
}
