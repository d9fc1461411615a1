import type { SqliteThread } from "../../../geopackage/index.ts";
import { bboxUnion, type Bbox } from "../../../geo/index.ts";
import { ledgerKey, type TileSchema } from "../tile_schema.ts";
import { listLevels, readExtent as readLevelExtent } from "./levels.ts";
import { METADATA_TABLE } from "../table_names.ts";

/** Box around the tiles of one level, rows from the top. */
export interface LevelBox {
  z: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/**
 * What the file says of its extent. While it is being filled `shown` only grows, so that it is true at any moment and after a
 * crash; at the close it becomes the box of the deepest level (the coarse ones reach far beyond what was asked for).
 */
export interface Extent {
  levels: ReadonlySet<number>;
  deepest: LevelBox | null;
  shown: Bbox | null;
}

const EXTENT_NAME = "extent";
const known = new WeakMap<SqliteThread, Extent>();

/** To be called with the result of `growExtent` once its transaction is committed. */
export function keepExtent(db: SqliteThread, extent: Extent): void {
  known.set(db, extent);
}

/** Before the first tile of a transaction is written: the extent may have to be taken from the tiles themselves. */
export function currentExtent(db: SqliteThread, schema: TileSchema): Extent {
  return known.get(db) ?? readExtent(db, schema);
}

/** Within the transaction of the tiles: adds what the container says of new levels and of a larger extent. */
export function growExtent(
  db: SqliteThread,
  schema: TileSchema,
  before: Extent,
  boxes: ReadonlyMap<number, LevelBox>,
): Extent {
  if (boxes.size === 0) return before;
  const levels = new Set(before.levels);
  let { deepest, shown } = before;
  for (const box of boxes.values()) {
    if (!levels.has(box.z)) addLevel(db, schema, box.z);
    levels.add(box.z);
    deepest = deeper(deepest, box);
    const bbox = boxToBbox(schema, box);
    shown = shown === null ? bbox : bboxUnion(shown, bbox);
  }
  const after = { levels, deepest, shown };
  if (!sameBox(deepest, before.deepest)) writeDeepest(db, schema, deepest);
  if (levels.size !== before.levels.size || shown?.join() !== before.shown?.join()) showExtent(db, schema, after);
  return after;
}

/** For the close and after a deletion: the extent becomes what the tiles of the deepest level cover. */
export function settleExtent(db: SqliteThread, schema: TileSchema, options: { recount: boolean }): Extent {
  const before = options.recount ? scanExtent(db, schema) : currentExtent(db, schema);
  const shown = before.deepest === null ? null : boxToBbox(schema, before.deepest);
  if (options.recount) writeDeepest(db, schema, before.deepest);
  const after = { ...before, shown };
  showExtent(db, schema, after);
  return after;
}

function addLevel(db: SqliteThread, schema: TileSchema, z: number): void {
  const level = schema.levels[z];
  if (level === undefined) return;
  const { pointOfOrigin: _unused, ...size } = level;
  for (const sql of schema.hooks.levelAdded) db.run(sql, { z, ...size });
}

function showExtent(db: SqliteThread, schema: TileSchema, { levels, shown }: Extent): void {
  if (shown === null || schema.hooks.extentChanged.length === 0) return;
  const [minX, minY, maxX, maxY] = shown;
  const params = { minX, minY, maxX, maxY, minZ: Math.min(...levels), maxZ: Math.max(...levels) };
  for (const sql of schema.hooks.extentChanged) db.run(sql, params);
}

function readExtent(db: SqliteThread, schema: TileSchema): Extent {
  const sql = `SELECT value FROM ${METADATA_TABLE} WHERE table_name = ${ledgerKey(schema)} AND name = '${EXTENT_NAME}'`;
  const value = db.get(sql)?.["value"];
  if (typeof value !== "string") return scanExtent(db, schema);
  const deepest = JSON.parse(value) as LevelBox | null;
  const shown = deepest === null ? null : boxToBbox(schema, deepest);
  return { levels: new Set(listLevels(db, schema, { withEmpty: false })), deepest, shown };
}

/** From the tiles themselves: for files of other programs and after a deletion. */
function scanExtent(db: SqliteThread, schema: TileSchema): Extent {
  const levels = new Set(listLevels(db, schema, { withEmpty: false }));
  if (levels.size === 0) return { levels, deepest: null, shown: null };
  const z = Math.max(...levels);
  const deepest = readLevelExtent(db, schema, z);
  return { levels, deepest, shown: boxToBbox(schema, deepest) };
}

function writeDeepest(db: SqliteThread, schema: TileSchema, deepest: LevelBox | null): void {
  const sql = `INSERT OR REPLACE INTO ${METADATA_TABLE} VALUES (${ledgerKey(schema)}, '${EXTENT_NAME}', ?)`;
  db.run(sql, [JSON.stringify(deepest)]);
}

function deeper(deepest: LevelBox | null, box: LevelBox): LevelBox {
  if (deepest === null || box.z > deepest.z) return { ...box };
  if (box.z < deepest.z) return deepest;
  return {
    z: box.z,
    minX: Math.min(deepest.minX, box.minX),
    minY: Math.min(deepest.minY, box.minY),
    maxX: Math.max(deepest.maxX, box.maxX),
    maxY: Math.max(deepest.maxY, box.maxY),
  };
}

function sameBox(a: LevelBox | null, b: LevelBox | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function boxToBbox(schema: TileSchema, box: LevelBox): Bbox {
  const level = schema.levels[box.z];
  if (level === undefined) return [0, 0, 0, 0];
  const [left, top] = level.pointOfOrigin;
  const width = level.cellSize * level.tileWidth;
  const height = level.cellSize * level.tileHeight;
  return [
    left + box.minX * width,
    top - (box.maxY + 1) * height,
    left + (box.maxX + 1) * width,
    top - box.minY * height,
  ];
}
