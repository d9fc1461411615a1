import { DatabaseSync } from "node:sqlite";

/** All tiles of a GeoPackage as `z/x/y` -> hash of the bytes. */
export function hashesOf(path: string): Map<string, string> {
  const db = new DatabaseSync(path, { readOnly: true });
  const { name } = db.prepare("SELECT table_name AS name FROM gpkg_contents WHERE data_type = 'tiles'").get() as {
    name: string;
  };
  const hashes = new Map<string, string>();
  for (const { z, x, y, data } of db
    .prepare(`SELECT zoom_level AS z, tile_column AS x, tile_row AS y, hex(tile_data) AS data FROM "${name}"`)
    .iterate() as Iterable<{ z: number; x: number; y: number; data: string }>) {
    hashes.set(`${z}/${x}/${y}`, data);
  }
  db.close();
  return hashes;
}

export function sameTiles(a: Map<string, string>, b: Map<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
