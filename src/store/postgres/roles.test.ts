import { readFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { openStore } from "../open_store.ts";
import type { TileStore, TileWrite } from "../tile_store.ts";

const server = usePostgres();
const opened: TileStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/** The statements of the guide itself, as somebody would paste them. */
function guideSql(): string {
  const guide = readFileSync(new URL("../../../docs/guide/postgres.md", import.meta.url), "utf8");
  const [, sql] = /```sql\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(sql).toContain("CREATE ROLE");
  return sql as string;
}

async function open(url: string, mode: "read" | "write", layer: string): Promise<TileStore> {
  const store = await openStore(url, { mode, layer, grid: webMercatorQuad() });
  opened.push(store);
  return store;
}

it("the roles of the guide suffice for all that a worker does, and let a reader only read", async () => {
  await open(server().url, "write", "first");
  await server().run(guideSql());
  await server().run(
    `ALTER ROLE tilth_worker LOGIN PASSWORD 'worker'; ALTER ROLE tilth_reader LOGIN PASSWORD 'reader'`,
  );
  const worker = await open(server().urlAs("tilth_worker", "worker"), "write", "second");
  const tile = (x: number, seed: number): TileWrite => ({
    kind: "tile",
    tile: { z: 4, x, y: 1 },
    data: tileBytes(seed),
    fetchedAtMs: 1000,
    sourceId: "s",
  });
  await worker.putMany([tile(1, 1), tile(2, 1), { kind: "empty", tile: { z: 4, x: 3, y: 3 }, fetchedAtMs: 1 }]);
  await worker.putMany([tile(1, 2), tile(3, 1), { kind: "renew", tile: { z: 4, x: 2, y: 1 }, fetchedAtMs: 2000 }]);
  await worker.putTask({ id: "t", definition: "{}", report: null, updatedAtMs: 1 });
  await worker.updateMetadata({ title: "changed" });
  expect(await worker.delete({ tiles: [{ z: 4, x: 1, y: 1 }] })).toBe(1);
  expect(await worker.checkIntegrity()).toEqual([]);

  const asReader = server().urlAs("tilth_reader", "reader");
  const reader = await open(asReader, "read", "second");
  expect(await reader.count()).toEqual({ present: 2, empty: 1, sizeBytes: 600 });
  expect((await Array.fromAsync(reader.list())).length).toBe(3);
  expect(await reader.readExtents()).toEqual([{ z: 4, minX: 2, minY: 1, maxX: 3, maxY: 1 }]);
  expect(await reader.checkIntegrity()).toEqual([]);
  const writing = await open(asReader, "write", "second");
  await expect(writing.putMany([tile(5, 5)])).rejects.toMatchObject({ code: "postgres.denied" });
  await expect(writing.delete({})).rejects.toMatchObject({ code: "postgres.denied" });
});
