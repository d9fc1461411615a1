import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { TileCoord } from "../../grid/index.ts";
import type { TileCache } from "../../cache/index.ts";
import { checkAddresses, tileAddress } from "../address_schema.ts";
import { answerTile, type TileAnswerOptions } from "../answer_tile.ts";
import { requireInGrid } from "../require_in_grid.ts";
import type { CacheRegistry } from "../served_cache.ts";

export interface TileRouteOptions extends TileAnswerOptions {
  registry: CacheRegistry;
}

type TileParams = z.infer<typeof tileAddress>;

/** `/tiles/{cache}/{z}/{x}/{y}` with rows from the top, `/tms/1.0.0/{cache}/{z}/{x}/{y}` with rows from the bottom; an extension is allowed and not looked at. */
export function addTileRoutes(app: FastifyInstance, options: TileRouteOptions): void {
  checkAddresses(app);
  for (const [path, fromBottom] of [
    ["/tiles/:cache/:z/:x/:y", false],
    ["/tms/1.0.0/:cache/:z/:x/:y", true],
  ] as const) {
    app.get<{ Params: TileParams }>(path, { schema: describe(fromBottom) }, async (request, reply) => {
      const { params } = request;
      return options.registry.use(params.cache, async (served) => {
        const tile = readAddress(served.cache, params, fromBottom);
        return answerTile(request, reply, served, tile, options);
      });
    });
  }
}

function describe(fromBottom: boolean) {
  const summary = `A tile of a cache by zoom, column and row; rows are counted from the ${fromBottom ? "bottom" : "top"}`;
  const description = "404 where there is none, or what the server's `missing` says.";
  return { tags: ["tiles"], summary, description, params: tileAddress };
}

/** @throws `grid.level` */
function readAddress({ store }: TileCache, address: TileParams, fromBottom: boolean): TileCoord {
  // Behind the digits of the row there may be an extension.
  const tile = { z: Number(address.z), x: Number(address.x), y: Number.parseInt(address.y, 10) };
  const { matrixHeight } = store.grid.getMatrix(tile.z);
  const counted = fromBottom ? { ...tile, y: matrixHeight - 1 - tile.y } : tile;
  requireInGrid(store.grid, counted);
  return counted;
}
