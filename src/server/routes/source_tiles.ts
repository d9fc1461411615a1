import { z } from "zod";
import { TilthError } from "../../core/index.ts";
import type { TileCache, TileSource } from "../../cache/index.ts";
import { useSourceOf } from "../api/cache_source.ts";
import { errorBody } from "../api/shapes.ts";
import type { ApiContext, ApiServer } from "../context.ts";
import { requireInGrid } from "../require_in_grid.ts";
import { requestSignal } from "../request_signal.ts";
import { sendUnkept } from "../tile_response.ts";

const whole = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
const params = z.object({ cache: z.string().max(100), z: z.coerce.number().int().min(0).max(30), x: whole, y: whole });

/**
 * `/api/caches/{cache}/source/{z}/{x}/{y}`: the tile as the cache's source has it now, for comparing; also of a file that a job has filled. The store
 * is neither read nor written; each request costs the source one, within its host's limits, so it is the operator's.
 */
export function addSourceTileRoute(app: ApiServer, context: ApiContext): void {
  app.get(
    "/api/caches/:cache/source/:z/:x/:y",
    {
      config: { need: "operator" },
      schema: {
        params,
        response: { 200: z.string().describe("the tile's bytes"), 400: errorBody, 404: errorBody, 502: errorBody },
      },
    },
    async (request, reply) => {
      const { cache: name, ...tile } = request.params;
      return context.registry.use(name, async (served) => {
        requireInGrid(served.cache.store.grid, tile);
        using deadline = requestSignal(request);
        const { signal } = deadline;
        const look = async (cache: TileCache, { info }: TileSource): Promise<Uint8Array> => {
          requireLevel(name, info, tile.z);
          return cache.fetchUnkept(tile, { signal });
        };
        const data = await useSourceOf(context, served, look, signal);
        if (data !== null) return sendUnkept(reply, data);
        throw new TilthError(
          "argument.invalid",
          `expected a cache with a source, got '${name}', which is only read; name its source in tilth.yaml`,
        );
      });
    },
  );
}

/** @throws `tile.missing` */
function requireLevel(name: string, { minZoom, maxZoom }: TileSource["info"], z: number): void {
  if (z >= minZoom && z <= maxZoom) return;
  throw new TilthError("tile.missing", `the source of '${name}' serves the levels ${minZoom} to ${maxZoom} only`);
}
