// The limit of one process: a bare HTTP server over a prepared statement. node bench/support/bare_tiles.ts FILE TABLE
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

const [file = "", table = "tiles"] = process.argv.slice(2);
const db = new DatabaseSync(file, { readOnly: true });
const find = db.prepare(`SELECT tile_data FROM "${table}" WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?`);

const server = createServer((request, response) => {
  const [, , , z, x, y] = (request.url ?? "").split("/");
  const row = find.get(Number(z), Number(x), Number(y));
  if (row === undefined) return void response.writeHead(404).end();
  response.setHeader("content-type", "image/png");
  response.end(row["tile_data"]);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
