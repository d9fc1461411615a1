import { quoteName, type SqliteBatch, type SqliteThread } from "../../geopackage/index.ts";
import { GEOMETRY_COLUMN } from "../table_spec.ts";

/** Triggers by which the index follows changes of its table (OGC 12-128r18, F.3; those of version 1.4). */
export function rtreeTriggers(table: string): SqliteBatch[] {
  const [t, c, i] = [quoteName(table), quoteName(GEOMETRY_COLUMN), quoteName("fid")];
  const rtree = quoteName(`rtree_${table}_${GEOMETRY_COLUMN}`);
  const named = (suffix: string): string => quoteName(`rtree_${table}_${GEOMETRY_COLUMN}_${suffix}`);
  const filled = (row: string): string => `(${row}.${c} NOT NULL AND NOT ST_IsEmpty(${row}.${c}))`;
  const empty = (row: string): string => `(${row}.${c} ISNULL OR ST_IsEmpty(${row}.${c}))`;
  const put = `INSERT OR REPLACE INTO ${rtree} VALUES (NEW.${i}, ST_MinX(NEW.${c}), ST_MaxX(NEW.${c}), ST_MinY(NEW.${c}), ST_MaxY(NEW.${c}));`;
  const change = `UPDATE ${rtree} SET minx = ST_MinX(NEW.${c}), maxx = ST_MaxX(NEW.${c}), miny = ST_MinY(NEW.${c}), maxy = ST_MaxY(NEW.${c}) WHERE id = NEW.${i};`;
  const take = `DELETE FROM ${rtree} WHERE id = OLD.${i};`;
  const triggers = [
    `${named("insert")} AFTER INSERT ON ${t} WHEN ${filled("NEW")} BEGIN ${put} END`,
    `${named("update2")} AFTER UPDATE OF ${c} ON ${t} WHEN OLD.${i} = NEW.${i} AND ${empty("NEW")} BEGIN ${take} END`,
    `${named("update4")} AFTER UPDATE ON ${t} WHEN OLD.${i} != NEW.${i} AND ${empty("NEW")} BEGIN DELETE FROM ${rtree} WHERE id IN (OLD.${i}, NEW.${i}); END`,
    `${named("update5")} AFTER UPDATE ON ${t} WHEN OLD.${i} != NEW.${i} AND ${filled("NEW")} BEGIN ${take} ${put} END`,
    `${named("update6")} AFTER UPDATE OF ${c} ON ${t} WHEN OLD.${i} = NEW.${i} AND ${filled("NEW")} AND ${filled("OLD")} BEGIN ${change} END`,
    `${named("update7")} AFTER UPDATE OF ${c} ON ${t} WHEN OLD.${i} = NEW.${i} AND ${filled("NEW")} AND ${empty("OLD")} BEGIN ${put} END`,
    `${named("delete")} AFTER DELETE ON ${t} WHEN OLD.${c} NOT NULL BEGIN ${take} END`,
  ];
  return triggers.map((sql) => ({ sql: `CREATE TRIGGER ${sql}`, rows: [[]] }));
}

export function rtreeName(table: string): string {
  return `rtree_${table}_${GEOMETRY_COLUMN}`;
}

export function createRtree(name: string): string {
  return `CREATE VIRTUAL TABLE ${quoteName(name)} USING rtree(id, minx, maxx, miny, maxy)`;
}

/** What an envelope takes of a geometry's first bytes; a point has its position there. */
const HEAD_BYTES = 40;
const POINT_AT = 13;
const ENVELOPE_AT = 8;
/** Between two looks at whether to go on. */
const ROWS_PER_CHECK = 4096;

/** Fills the index of a table out of the table itself: slower than from boxes in memory, but in no memory to speak of. */
export function fillRtree(db: SqliteThread, table: string, check: () => void): void {
  const insert = db.prepare(`INSERT INTO ${quoteName(rtreeName(table))} VALUES (?, ?, ?, ?, ?)`);
  const heads = `SELECT fid, substr(${quoteName(GEOMETRY_COLUMN)}, 1, ${HEAD_BYTES}) head FROM ${quoteName(table)}`;
  let count = 0;
  for (const { fid, head } of db.iterate(heads)) {
    if (++count % ROWS_PER_CHECK === 0) check();
    const bytes = head as Uint8Array;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const hasEnvelope = (view.getUint8(3) & 0b1110) !== 0;
    const [minX, maxX, minY, maxY] = (hasEnvelope ? [0, 8, 16, 24] : [0, 0, 8, 8]).map((at) =>
      view.getFloat64(at + (hasEnvelope ? ENVELOPE_AT : POINT_AT), true),
    ) as [number, number, number, number];
    insert.run(Number(fid), minX, maxX, minY, maxY);
  }
}
