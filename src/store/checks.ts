import { TilthError } from "../core/index.ts";
import { rangeCount, tileToText, type TileCoord, type TileMatrixSet, type TileRange } from "../grid/index.ts";
import { MAX_PRESENCE_TILES, type TileWrite } from "./tile_store.ts";

/** @throws `argument.invalid`, `grid.level` */
export function checkRange(grid: TileMatrixSet, range: TileRange): void {
  const level = grid.levelRange(range.z);
  const { minX, minY, maxX, maxY } = range;
  const whole = [minX, minY, maxX, maxY].every(Number.isInteger);
  if (!whole || minX < 0 || minY < 0 || minX > maxX || minY > maxY || maxX > level.maxX || maxY > level.maxY) {
    const got = `${minX}-${maxX}, ${minY}-${maxY}`;
    throw new TilthError(
      "argument.invalid",
      `expected a range within 0-${level.maxX}, 0-${level.maxY} on level ${range.z}, got ${got}`,
      { fields: { range } },
    );
  }
}

/** @throws `argument.invalid`, `grid.level` */
export function checkAnswerSize(grid: TileMatrixSet, range: TileRange): void {
  checkRange(grid, range);
  const count = rangeCount(range);
  if (count <= MAX_PRESENCE_TILES) return;
  throw new TilthError("argument.invalid", `expected a range of at most ${MAX_PRESENCE_TILES} tiles, got ${count}`, {
    fields: { range, count },
  });
}

/** @throws `argument.invalid` for an address outside of the grid, a time that is none, a tile without bytes, or attempts that are no count */
export function checkWrites(grid: TileMatrixSet, writes: readonly TileWrite[]): void {
  for (const write of writes) {
    if (!grid.hasTile(write.tile)) throw badWrite(write.tile, `a tile within the grid ${grid.id}`);
    if (!(Math.abs(write.fetchedAtMs) <= 8.64e15)) throw badWrite(write.tile, "a time in milliseconds since 1970");
    if (write.kind === "tile" && write.data.byteLength === 0) throw badWrite(write.tile, "at least one byte of data");
    const { attempts = null } = write;
    if (attempts !== null && !(Number.isInteger(attempts) && attempts >= 1))
      throw badWrite(write.tile, "a whole number of attempts from 1");
  }
}

function badWrite(tile: TileCoord, expected: string): TilthError {
  return new TilthError("argument.invalid", `expected ${expected}, for the tile ${tileToText(tile)}`, {
    fields: { tile },
  });
}

export function missingTile(location: string, tile: TileCoord): TilthError {
  return new TilthError("tile.missing", `${location} has no tile ${tileToText(tile)}`, { fields: { tile, location } });
}

export function readOnlyStore(location: string): TilthError {
  const message = `${location} was opened for reading only; open it with mode 'write' to change it`;
  return new TilthError("store.readOnly", message, { fields: { location } });
}

export function closedStore(location: string): TilthError {
  return new TilthError("argument.invalid", `expected an open store, but ${location} has been closed`, {
    fields: { location },
  });
}
