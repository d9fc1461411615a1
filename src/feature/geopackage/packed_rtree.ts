import { quoteName, type SqliteThread } from "../../geopackage/index.ts";

/** Fills an R-tree that is empty. @param boxes minX, minY, maxX, maxY of feature 1, 2 ... */
export function packRtree(db: SqliteThread, name: string, boxes: Float64Array): void {
  const insert = db.prepare(`INSERT INTO ${quoteName(name)} VALUES (?, ?, ?, ?, ?)`);
  for (let i = 0; i < boxes.length; i += 4)
    insert.run(i / 4 + 1, boxes[i] as number, boxes[i + 2] as number, boxes[i + 1] as number, boxes[i + 3] as number);
}
