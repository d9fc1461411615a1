import { quoteName, type SqliteBatch } from "../../geopackage/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { extensionOfFormat } from "../sniff_format.ts";
import { levelSizes, type TileSchema } from "../sqlite/tile_schema.ts";
import type { StoreMetadata } from "../tile_store.ts";
import { METADATA_TABLE } from "../sqlite/table_names.ts";

/** How tiles lie in an MBTiles file: plainly, or in `map` and `images` behind a view. */
export interface MbtilesLayout {
  hasLedger: boolean;
  hasAttempts: boolean;
  indexed: boolean;
  deduplicate: boolean;
}

/** Web Mercator to degrees (EPSG Guidance Note 7-2, 3.5.1), in SQL. */
const EARTH_RADIUS_M = "6378137.0";
const longitude = (x: string): string => `degrees(${x} / ${EARTH_RADIUS_M})`;
const latitude = (y: string): string => `degrees(atan(sinh(${y} / ${EARTH_RADIUS_M})))`;

const setValue = (name: string, value: string): string[] => [
  `DELETE FROM metadata WHERE name = '${name}'`,
  `INSERT INTO metadata (name, value) VALUES ('${name}', ${value})`,
];

export function mbtilesSchema(grid: TileMatrixSet, layout: MbtilesLayout): TileSchema {
  const round = (value: string): string => `printf('%.6f', ${value})`;
  const [west, south, east, north] = [longitude(":minX"), latitude(":minY"), longitude(":maxX"), latitude(":maxY")];
  const bounds = [west, south, east, north].map(round).join(" || ',' || ");
  const center = `${round(`(${west} + ${east}) / 2`)} || ',' || ${round(`(${south} + ${north}) / 2`)} || ',' || printf('%d', :maxZ)`;
  return {
    tiles: "tiles",
    presence: layout.deduplicate ? "map" : "tiles",
    presenceIndexed: layout.indexed,
    hasLedger: layout.hasLedger,
    hasAttempts: layout.hasAttempts,
    flipRows: true,
    deduplicate: layout.deduplicate,
    filesRoot: null,
    levels: levelSizes(grid),
    hooks: {
      levelAdded: [],
      extentChanged: [
        ...setValue("bounds", bounds),
        ...setValue("center", center),
        ...setValue("minzoom", "printf('%d', :minZ)"),
        ...setValue("maxzoom", "printf('%d', :maxZ)"),
      ],
      webpAdded: [],
    },
    integrityQueries: [
      `SELECT 'metadata lacks the row ' || wanted finding FROM (SELECT 'name' wanted UNION SELECT 'format')
       WHERE wanted NOT IN (SELECT name FROM metadata) AND EXISTS (SELECT 1 FROM tiles)`,
      `SELECT 'two tiles stand at ' || zoom_level || '/' || tile_column || '/' || tile_row || ' (row from the bottom)' finding
       FROM ${quoteName(layout.deduplicate ? "map" : "tiles")} GROUP BY zoom_level, tile_column, tile_row HAVING count(*) > 1 LIMIT 20`,
    ],
  };
}

/** The rows that MBTiles 1.3 asks for; the source's id stands in Tilth's own table. */
export function mbtilesMetadataBatches(metadata: StoreMetadata): SqliteBatch[] {
  const { title, description, attribution, format, sourceId } = metadata;
  const rows: [string, string | null][] = [
    ["name", title],
    ["description", description],
    ["attribution", attribution],
    ["type", "baselayer"],
    ["version", "1.3"],
    ["format", format === null ? null : extensionOfFormat(format)],
    // Required of vector tiles; what the layers are is known to their maker alone.
    ["json", format === "mvt" ? '{"vector_layers":[]}' : null],
  ];
  const isGiven = rows.filter(([, value]) => value !== null);
  const kept = new Set(["json", "type", "version"]);
  return [
    { sql: "DELETE FROM metadata WHERE name = ?", rows: rows.flatMap(([name]) => (kept.has(name) ? [] : [[name]])) },
    {
      sql: "INSERT INTO metadata (name, value) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM metadata WHERE name = ?1)",
      rows: isGiven,
    },
    { sql: `DELETE FROM ${METADATA_TABLE} WHERE table_name = 'tiles' AND name = 'sourceId'`, rows: [[]] },
    {
      sql: `INSERT INTO ${METADATA_TABLE} VALUES ('tiles', 'sourceId', ?)`,
      rows: sourceId === null ? [] : [[sourceId]],
    },
  ];
}
