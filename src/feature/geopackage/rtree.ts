import { quoteName, type SqliteBatch } from "../../geopackage/index.ts";
import { GEOMETRY_COLUMN } from "./feature_tables.ts";

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
