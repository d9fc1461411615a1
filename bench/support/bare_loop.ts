// The limit: one thread, undici, batches of 500 to a transaction, nothing checked, nothing retried.
// node bench/support/bare_loop.ts TEMPLATE MAXZOOM CONNECTIONS OUT
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Agent } from "undici";

const [template = "", maxZoom = "6", connections = "16", out = ""] = process.argv.slice(2);
rmSync(out, { force: true });
const db = new DatabaseSync(out);
db.exec(
  "PRAGMA journal_mode=WAL; CREATE TABLE tiles (id INTEGER PRIMARY KEY, zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB, UNIQUE (zoom_level, tile_column, tile_row))",
);
const insert = db.prepare("INSERT INTO tiles (zoom_level, tile_column, tile_row, tile_data) VALUES (?, ?, ?, ?)");
const agent = new Agent({ connections: Number(connections) });
const started = performance.now();

let batch: { z: number; x: number; y: number; data: Uint8Array }[] = [];

function flush(): void {
  db.exec("BEGIN");
  for (const { z, x, y, data } of batch) insert.run(z, x, y, data);
  db.exec("COMMIT");
  batch = [];
}

function* tiles(): Generator<{ z: number; x: number; y: number }> {
  for (let z = 0; z <= Number(maxZoom); z++)
    for (let y = 0; y < 2 ** z; y++) for (let x = 0; x < 2 ** z; x++) yield { z, x, y };
}

function download(url: URL): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    agent.dispatch(
      { origin: url.origin, path: url.pathname, method: "GET" },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve(Buffer.concat(chunks)),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

const queue = tiles();
let count = 0;
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    for (const { z, x, y } of queue) {
      const data = await download(
        new URL(template.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y))),
      );
      batch.push({ z, x, y, data });
      count += 1;
      if (batch.length >= 500) flush();
    }
  }),
);
flush();
db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
db.close();
await agent.close();
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ count, seconds, tilesPerSecond: Math.round(count / seconds) }));
