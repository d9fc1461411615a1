import type { FastifyReply, FastifyRequest } from "fastify";
import { isTilthError, TilthError } from "../core/index.ts";
import { tileToText, type TileCoord } from "../grid/index.ts";
import type { StoredTile, TileCache } from "../cache/index.ts";
import { sendTile } from "./tile_response.ts";

/** What is answered where there is no tile. */
export type MissingTile = "404" | "204" | "blank";

export interface TileAnswerOptions {
  /** @default "404" */
  missing?: MissingTile;
  /** Seconds for which clients keep a tile without asking. @default 300 */
  maxAgeS?: number;
}

/** A tile of a cache, or what stands for none. @throws `tile.missing`, and what the cache throws */
export async function answerTile(
  request: FastifyRequest,
  reply: FastifyReply,
  cache: TileCache,
  tile: TileCoord,
  { missing = "404", maxAgeS }: TileAnswerOptions,
): Promise<FastifyReply> {
  const found = await findTile(cache, tile);
  return found === null ? sendMissing(reply, tile, missing) : sendTile(request, reply, found, maxAgeS);
}

type Present = StoredTile & { data: Uint8Array };

/** Null where there is none. */
async function findTile(cache: TileCache, tile: TileCoord): Promise<Present | null> {
  const here = findHere(cache, tile);
  if (here !== null) return here;
  try {
    return withData(await cache.getTile(tile));
  } catch (error) {
    if (isTilthError(error, "tile.missing")) return null;
    throw error;
  }
}

/** A fresh tile, when the store can be asked on this thread: three quarters of a cached tile's cost is the way to another. */
function findHere({ store, staleBeforeMs = -Infinity }: TileCache, tile: TileCoord): Present | null {
  try {
    const known = store.findNow?.(tile) ?? null;
    return known !== null && known.fetchedAtMs >= staleBeforeMs ? withData(known) : null;
  } catch (error) {
    // The file is locked at the moment, say: the slow way waits, or tells what is wrong.
    if (isTilthError(error)) return null;
    throw error;
  }
}

function withData(tile: StoredTile): Present | null {
  return tile.data === null ? null : { ...tile, data: tile.data };
}

/** A clear pixel as PNG: what maps draw as nothing. */
const BLANK = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

function sendMissing(reply: FastifyReply, tile: TileCoord, missing: MissingTile): FastifyReply {
  if (missing === "204") return reply.code(204).send();
  if (missing === "blank") return reply.header("content-type", "image/png").send(BLANK);
  throw new TilthError("tile.missing", `there is no tile ${tileToText(tile)}`, { fields: { tile } });
}
