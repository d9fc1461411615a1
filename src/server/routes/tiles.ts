import type { FastifyInstance } from "fastify";
import { TilthError } from "../../core/index.ts";
import { tileToText, type TileCoord } from "../../grid/index.ts";
import type { TileCache } from "../../cache/index.ts";
import { answerTile, type TileAnswerOptions } from "../answer_tile.ts";
import type { CacheRegistry } from "../served_cache.ts";

export interface TileRouteOptions extends TileAnswerOptions {
  registry: CacheRegistry;
}

interface TileParams {
  cache: string;
  z: string;
  x: string;
  y: string;
}

/** `/tiles/{cache}/{z}/{x}/{y}` with rows from the top, `/tms/1.0.0/{cache}/{z}/{x}/{y}` with rows from the bottom; an extension is allowed and not looked at. */
export function addTileRoutes(app: FastifyInstance, options: TileRouteOptions): void {
  for (const [path, fromBottom] of [
    ["/tiles/:cache/:z/:x/:y", false],
    ["/tms/1.0.0/:cache/:z/:x/:y", true],
  ] as const) {
    app.get<{ Params: TileParams }>(path, { schema: describe(fromBottom) }, async (request, reply) => {
      const { cache: name, z, x, y } = request.params;
      return options.registry.use(name, async (served) => {
        const tile = readAddress(served.cache, z, x, y, fromBottom);
        return answerTile(request, reply, served, tile, options);
      });
    });
  }
}

/** For the description alone: numbers are looked at by hand, in a tenth of the time. */
function describe(fromBottom: boolean) {
  const summary = `A tile of a cache by zoom, column and row; rows are counted from the ${fromBottom ? "bottom" : "top"}`;
  return { tags: ["tiles"], summary, description: "404 where there is none, or what the server's `missing` says." };
}

const NUMBER = /^\d{1,10}$/;
/** A row with an extension. */
const ROW = /^(\d{1,10})(?:@2x)?(?:\.[a-z]{2,5})?$/i;

/** @throws `argument.invalid`, `grid.level` */
function readAddress(cache: TileCache, z: string, x: string, y: string, fromBottom: boolean): TileCoord {
  const row = ROW.exec(y)?.[1];
  if (!NUMBER.test(z) || !NUMBER.test(x) || row === undefined)
    throw new TilthError("argument.invalid", "expected whole numbers /{z}/{x}/{y}, e.g. /3/4/2.png");
  const tile = { z: Number(z), x: Number(x), y: Number(row) };
  const { matrixHeight } = cache.store.grid.getMatrix(tile.z);
  const counted = fromBottom ? { ...tile, y: matrixHeight - 1 - tile.y } : tile;
  if (cache.store.grid.hasTile(counted)) return counted;
  throw new TilthError(
    "grid.level",
    `the tile ${tileToText(tile)} lies outside of the grid ${cache.store.grid.id}, whose levels and sizes stand in /ogc/tileMatrixSets`,
  );
}
