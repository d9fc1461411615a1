import { z } from "zod";
import { TilthError } from "../../core/index.ts";
import { listFills } from "../api/cache_source.ts";
import { cacheView } from "../api/cache_view.ts";
import { readCoverage } from "../api/coverage_view.ts";
import { FailedTiles } from "../api/failed_tiles.ts";
import { cacheShape, coverageShape, errorBody, tileInfoShape } from "../api/shapes.ts";
import { readTileInfo } from "../api/tile_view.ts";
import type { ApiContext, ApiServer } from "../context.ts";

const named = z.object({ cache: z.string().max(100) });
const whole = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
const level = z.coerce.number().int().min(0).max(30);
const window = z.object({ minX: whole, minY: whole, maxX: whole, maxY: whole });

/** Caches: what there is, which tiles they have, what is known of one tile. */
export function addCacheRoutes(app: ApiServer, context: ApiContext): void {
  const { registry, clock } = context;
  const failed = new FailedTiles(context);
  app.get("/api/caches", { schema: { response: { 200: z.object({ caches: z.array(cacheShape) }) } } }, async () => {
    const fills = listFills(context);
    return { caches: registry.list().map((served) => cacheView(served, fills)) };
  });
  app.get(
    "/api/caches/:cache",
    { schema: { params: named, response: { 200: cacheShape, 404: errorBody } } },
    async ({ params }) => registry.use(params.cache, async (served) => cacheView(served, listFills(context))),
  );
  app.get(
    "/api/caches/:cache/coverage/:z",
    {
      schema: {
        params: named.extend({ z: level }),
        querystring: window,
        response: { 200: coverageShape, 400: errorBody, 404: errorBody },
      },
    },
    async ({ params, query }) =>
      registry.use(params.cache, async (served) => {
        if (query.minX > query.maxX || query.minY > query.maxY)
          throw new TilthError("argument.invalid", "expected minX up to maxX and minY up to maxY");
        return readCoverage(served, { z: params.z, ...query }, await failed.of(served), clock);
      }),
  );
  app.get(
    "/api/caches/:cache/tiles/:z/:x/:y",
    {
      schema: {
        params: named.extend({ z: level, x: whole, y: whole }),
        response: { 200: tileInfoShape, 400: errorBody, 404: errorBody },
      },
    },
    async ({ params: { cache, ...tile } }) =>
      registry.use(cache, async (served) => readTileInfo(served, tile, await failed.of(served), clock)),
  );
}
