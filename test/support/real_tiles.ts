import { DatabaseSync } from "node:sqlite";

/** Bodies of all tiles of an MBTiles file that nobody may write to. */
export function readTileBodies(path: string): Uint8Array[] {
  const database = new DatabaseSync(`file:${path}?immutable=1`, { readOnly: true });
  try {
    return database
      .prepare("SELECT tile_data AS data FROM tiles")
      .all()
      .map(({ data }) => (data instanceof Uint8Array ? data : new Uint8Array()));
  } finally {
    database.close();
  }
}
