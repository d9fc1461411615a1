import { tileToText, type TileCoord } from "../../grid/index.ts";
import type { TileWrite } from "../tile_store.ts";

/** What a batch means for one address, all its writes taken together. */
export interface FinalWrite {
  kind: "tile" | "empty" | "renew";
  tile: TileCoord;
  data: Uint8Array | null;
  fetchedAtMs: number;
  etag: string | null;
  lastModified: string | null;
  sourceId: string | null;
  attempts: number | null;
}

/** One write for each address (a statement may touch a row only once), sorted by key: two writers then lock rows in the same order. */
export function finalWrites(writes: readonly TileWrite[]): FinalWrite[] {
  const byKey = new Map<string, FinalWrite>();
  for (const write of writes) {
    const key = tileToText(write.tile);
    const before = byKey.get(key);
    const next = toFinal(write);
    if (next.kind !== "renew" || before === undefined) byKey.set(key, next);
    else if (before.kind !== "empty") byKey.set(key, renewed(before, next));
  }
  return [...byKey.values()].toSorted(byAddress);
}

function toFinal(write: TileWrite): FinalWrite {
  const { kind, tile, fetchedAtMs, attempts = null } = write;
  return {
    kind,
    tile,
    fetchedAtMs,
    attempts,
    data: kind === "tile" ? write.data : null,
    etag: (kind === "empty" ? null : write.etag) ?? null,
    lastModified: (kind === "empty" ? null : write.lastModified) ?? null,
    sourceId: (kind === "renew" ? null : write.sourceId) ?? null,
  };
}

function renewed(before: FinalWrite, { fetchedAtMs, etag, lastModified, attempts }: FinalWrite): FinalWrite {
  return {
    ...before,
    fetchedAtMs,
    etag: etag ?? before.etag,
    lastModified: lastModified ?? before.lastModified,
    attempts: attempts ?? before.attempts,
  };
}

function byAddress({ tile: a }: FinalWrite, { tile: b }: FinalWrite): number {
  return a.z - b.z || a.x - b.x || a.y - b.y;
}

/** Copies the bytes one after another, so that the caller keeps its buffers; a part has at most `maxBytes`, or one tile. */
export function splitByBytes(writes: readonly FinalWrite[], maxBytes: number): FinalWrite[][] {
  const parts: FinalWrite[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const write of writes) {
    const own = write.data?.byteLength ?? 0;
    if (sizeBytes + own > maxBytes) {
      parts.push([]);
      sizeBytes = 0;
    }
    parts.at(-1)?.push({ ...write, data: write.data === null ? null : new Uint8Array(write.data) });
    sizeBytes += own;
  }
  return parts;
}
