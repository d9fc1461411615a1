import { z } from "zod";
import { TilthError } from "../../core/index.ts";
import { tileToText, type TileCoord } from "../../grid/index.ts";
import { errorBody } from "../api/shapes.ts";
import type { ApiContext, ApiServer } from "../context.ts";
import { requestSignal } from "../request_signal.ts";
import type { ServedCache } from "../served_cache.ts";
import { sendUnkept } from "../tile_response.ts";

const whole = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
const params = z.object({ cache: z.string().max(100), z: z.coerce.number().int().min(0).max(30), x: whole, y: whole });

/**
 * `/api/caches/{cache}/source/{z}/{x}/{y}`: the tile as the cache's source has it now, for comparing. The store is neither read nor written; each
 * request costs the source one, within its host's limits, so it is the operator's.
 */
export function addSourceTileRoute(app: ApiServer, { registry }: ApiContext): void {
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
      return registry.use(name, async (served) => {
        requireSourceTile(served, tile);
        using signal = requestSignal(request);
        return sendUnkept(reply, await served.cache.fetchUnkept(tile, signal));
      });
    },
  );
}

/** @throws `argument.invalid` without a source, `grid.level`; `tile.missing` on a level that the source does not serve */
function requireSourceTile({ name, cache, minZoom, maxZoom }: ServedCache, tile: TileCoord): void {
  const { grid } = cache.store;
  if (cache.source === null)
    throw new TilthError(
      "argument.invalid",
      `expected a cache with a source, got '${name}', which is only read; name its source in tilth.yaml`,
    );
  if (!grid.hasTile(tile))
    throw new TilthError("grid.level", `the tile ${tileToText(tile)} lies outside of the grid ${grid.id}`);
  if (tile.z < minZoom || tile.z > maxZoom)
    throw new TilthError("tile.missing", `the source of '${name}' serves the levels ${minZoom} to ${maxZoom} only`);
}
