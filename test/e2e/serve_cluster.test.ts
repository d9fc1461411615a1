import { expect, test } from "vitest";
import { openPostgresBook } from "../../src/cluster/index.ts";
import { submitFake } from "../support/cluster.ts";
import { usePostgres } from "../support/postgres.ts";
import { ServeProcess } from "../support/serve_tilth.ts";

/** Of our own, for it is stopped. */
const server = usePostgres({ settings: {} });

const SEEDS = "/api/cluster/seeds";

async function submit(): Promise<{ id: string; planned: number }> {
  const book = await openPostgresBook(server().url);
  try {
    return await submitFake(book);
  } finally {
    await book.close();
  }
}

test("a server shows and steers the seeds of a cluster, and outlives its database", async () => {
  const { id, planned } = await submit();
  await using serve = await ServeProcess.start([], { TILTH_CLUSTER: server().url });
  const seed = { id, planned, state: "running", cache: "world", open: planned, workers: [] };
  expect(await serve.json(SEEDS)).toMatchObject({ seeds: [seed] });
  expect(await serve.post(`${SEEDS}/${id}/pause`)).toMatchObject({ id, state: "paused", dead: [] });
  expect(await (await serve.fetch("/metrics")).text()).toContain(
    `tilth_cluster_tiles{seed="${id}",outcome="open"} ${planned}`,
  );
  await server().stop();
  const away = await serve.fetch(`${SEEDS}/${id}`);
  expect([away.status, await away.json()]).toMatchObject([503, { error: { code: "postgres.unreachable" } }]);
  expect((await serve.fetch("/health")).status).toBe(200);
  await server().start();
  expect(await serve.post(`${SEEDS}/${id}/resume`)).toMatchObject({ state: "running" });
  expect(await serve.post(`${SEEDS}/${id}/cancel`)).toMatchObject({ state: "cancelled", cancelled: planned });
  expect((await serve.fetch(`${SEEDS}/${id}/resume`, { method: "POST" })).status).toBe(409);
  expect(serve.output).not.toContain(encodeURIComponent("s3cret/p@ss:word?"));
}, 60_000);

test("a server starts while the database is away, and is there when that comes back", async () => {
  await submit();
  await server().stop();
  await using serve = await ServeProcess.start(["--cluster", server().url]);
  expect(serve.output).toContain("Cluster:Away");
  expect((await serve.fetch(SEEDS)).status).toBe(503);
  await server().start();
  await expect.poll(async () => (await serve.fetch(SEEDS)).status, { timeout: 10_000 }).toBe(200);
}, 60_000);
