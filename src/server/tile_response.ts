import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { StoredTile } from "../cache/index.ts";
import type { EncodedTile } from "../raster/index.ts";
import { mediaTypeOf } from "./media_types.ts";

/** Seconds for which a browser does not ask again; after that it asks with the ETag. */
export const DEFAULT_TILE_MAX_AGE_S = 300;

/** A tile with what lets a client keep it; 304 when the client has it already (RFC 9110, 13.1.2 and 13.1.3). */
export function sendTile(
  request: FastifyRequest,
  reply: FastifyReply,
  tile: StoredTile & { data: Uint8Array },
  maxAgeS = DEFAULT_TILE_MAX_AGE_S,
): FastifyReply {
  const { data, fetchedAtMs } = tile;
  const etag = `"${(tile.sha256 ?? hashOf(data)).slice(0, 32)}"`;
  reply.header("etag", etag).header("cache-control", `public, max-age=${maxAgeS}`);
  if (fetchedAtMs > 0) reply.header("last-modified", new Date(fetchedAtMs).toUTCString());
  if (isKnown(request, etag, fetchedAtMs)) return reply.code(304).send();
  return sendBytes(reply, data);
}

/** A tile that was made for this request: as `sendTile`, without a date. */
export function sendMade(
  request: FastifyRequest,
  reply: FastifyReply,
  { data }: EncodedTile,
  maxAgeS = DEFAULT_TILE_MAX_AGE_S,
): FastifyReply {
  const etag = `"${hashOf(data).slice(0, 32)}"`;
  reply.header("etag", etag).header("cache-control", `public, max-age=${maxAgeS}`);
  if (isKnown(request, etag, 0)) return reply.code(304).send();
  return sendBytes(reply, data);
}

/** A tile that nobody may keep: the next request may get another. */
export function sendUnkept(reply: FastifyReply, data: Uint8Array): FastifyReply {
  return sendBytes(reply.header("cache-control", "no-store"), data);
}

function sendBytes(reply: FastifyReply, data: Uint8Array): FastifyReply {
  reply.header("content-type", mediaTypeOf(data));
  if (isGzip(data)) reply.header("content-encoding", "gzip");
  return reply.send(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

function hashOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** If-None-Match counts alone where it is given. */
function isKnown(request: FastifyRequest, etag: string, fetchedAtMs: number): boolean {
  const { "if-none-match": known, "if-modified-since": since } = request.headers;
  if (known !== undefined) return known.split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()));
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since);
  return fetchedAtMs > 0 && Math.floor(fetchedAtMs / 1000) * 1000 <= sinceMs;
}

/** Vector tiles mostly rest compressed. */
function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b;
}
