import type { FastifyReply, FastifyRequest } from "fastify";
import { isTilthError, TilthError } from "../core/index.ts";
import { tileToText, type TileCoord } from "../grid/index.ts";
import { getEnlargedTile, type StoredTile, type TileCache } from "../cache/index.ts";
import { requestSignal } from "./request_signal.ts";
import type { ServedCache } from "./served_cache.ts";
import { sendMade, sendTile } from "./tile_response.ts";

/** What is answered where there is no tile. */
export type MissingTile = "404" | "204" | "blank";

export interface TileAnswerOptions {
  /** @default "404" */
  missing?: MissingTile;
  /** Seconds for which clients keep a tile without asking. @default 300 */
  maxAgeS?: number;
  /** Below the deepest level a tile is cut out of the level above. @default true */
  enlarge?: boolean;
  /** Hears of every tile that is asked for; for metrics. */
  onTile?: (outcome: TileOutcome) => void;
}

/** `hit`: it was there and fresh; `fetched`: the slow way, from the source or by waiting for the file; `enlarged`; `missing`. */
export type TileOutcome = "hit" | "fetched" | "enlarged" | "missing";

/** A tile of a cache, or what stands for none. @throws `tile.missing`, and what the cache throws */
export async function answerTile(
  request: FastifyRequest,
  reply: FastifyReply,
  served: ServedCache,
  tile: TileCoord,
  options: TileAnswerOptions,
): Promise<FastifyReply> {
  const { missing = "404", maxAgeS, enlarge = true, onTile } = options;
  const here = findHere(served.cache, tile);
  if (here !== null) {
    onTile?.("hit");
    return sendTile(request, reply, here, maxAgeS);
  }
  const found = await fetchTile(request, served, tile);
  if (found !== null) {
    onTile?.("fetched");
    return sendTile(request, reply, found, maxAgeS);
  }
  const made = enlarge && tile.z > served.maxZoom ? await enlargeTile(request, served, tile) : null;
  onTile?.(made === null ? "missing" : "enlarged");
  return made === null ? sendMissing(reply, tile, missing) : sendMade(request, reply, made, maxAgeS);
}

type Present = StoredTile & { data: Uint8Array };

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

/** Null where there is none. A source is not asked beyond the levels that it serves. */
async function fetchTile(request: FastifyRequest, served: ServedCache, tile: TileCoord): Promise<Present | null> {
  const { cache, minZoom, maxZoom } = served;
  if (cache.source !== null && (tile.z < minZoom || tile.z > maxZoom)) return null;
  using signal = requestSignal(request);
  return orNull(async () => withData(await cache.getTile(tile, signal)));
}

async function enlargeTile(request: FastifyRequest, { cache, maxZoom }: ServedCache, tile: TileCoord) {
  using signal = requestSignal(request);
  return orNull(() => getEnlargedTile(cache, tile, { ...signal, deepest: maxZoom }));
}

async function orNull<Result>(get: () => Promise<Result>): Promise<Result | null> {
  try {
    return await get();
  } catch (error) {
    if (isTilthError(error, "tile.missing")) return null;
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
  throw new TilthError(
    "tile.missing",
    `there is no tile ${tileToText(tile)}; the cache's TileJSON says on which levels and where there are some`,
    { fields: { tile } },
  );
}
