import { expect, test } from "vitest";
import { z } from "zod";
import { FakeBook, fakeSeed } from "../../../test/support/fake_book.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { Tokens } from "../access/tokens.ts";
import { TestApi, type ApiServerOptions } from "../fixtures/api_server.ts";
import { seedDetailShape, seedShape } from "./seed_shapes.ts";
import { statusShape } from "./shapes.ts";

const folder = useTempFolder();
const start = (cluster: FakeBook | null, options: Partial<ApiServerOptions> = {}): Promise<TestApi> =>
  TestApi.start({ folder: folder.path("."), data: false, cluster, ...options });

const SEEDS = "/api/cluster/seeds";
const listShape = z.object({ seeds: z.array(seedShape) });
const RANGE = { z: 5, minX: 0, minY: 0, maxX: 9, maxY: 9 };

const codeOf = ({ status, body }: { status: number; body: unknown }): [number, string] => [
  status,
  (body as { error: { code: string } }).error.code,
];

test("seeds are listed in the words of every report, with their workers and what can be done", async () => {
  const over = fakeSeed({ id: "b", state: "ended", endedAtMs: Date.UTC(2026, 0, 2) });
  await using api = await start(new FakeBook(fakeSeed(), over));
  expect((await api.get("/api/status", statusShape)).cluster).toBe(true);
  const { seeds } = await api.get(SEEDS, listShape);
  expect(seeds).toMatchObject([
    {
      id: "0f3a52c19b6d7e84",
      state: "running",
      cache: "world",
      zooms: [0, 1, 2, 3, 4, 5],
      planned: 1365,
      present: 5,
      stored: 600,
      empty: 40,
      open: 720,
      tilesPerSecond: 24,
      etaSeconds: 30,
      complete: false,
      blocks: { queued: 3, leased: 2, dead: 0, done: 8 },
      workers: [
        { worker: "east", blocks: 2, stored: 400 },
        { worker: "west", silentMs: 60_000 },
      ],
      actions: ["pause", "cancel"],
    },
    { id: "b", state: "ended", open: 0, cancelled: 720, complete: false, actions: [] },
  ]);
  expect((await api.get(`${SEEDS}?limit=1`, listShape)).seeds).toHaveLength(1);
});

test("a worker that has been gone for long is told of its seed alone", async () => {
  const gone = { worker: "old", blocks: 0, stored: 9, tilesPerSecond: 0, silentMs: 3_600_000 };
  await using api = await start(new FakeBook(fakeSeed({ id: "a", workers: [gone] })));
  expect((await api.get(SEEDS, listShape)).seeds[0]?.workers).toEqual([]);
  expect((await api.get(`${SEEDS}/a`, seedDetailShape)).workers).toEqual([gone]);
});

test("a seed alone has its dead blocks, and shows no secret of its source", async () => {
  const seed = fakeSeed({ id: "a", blocks: { queued: 0, leased: 0, dead: 1, done: 9 } });
  const source = "https://me:hidden@tiles.example.org/{z}/{x}/{y}.png?key=hidden";
  const book = new FakeBook({ ...seed, definition: { ...seed.definition, source } });
  book.dead.set("a", [
    { number: 4, range: RANGE, attempts: 9, error: "no tile at https://t.example.org/1?token=hidden" },
  ]);
  await using api = await start(book);
  const { dead, source: shown } = await api.get(`${SEEDS}/a`, seedDetailShape);
  expect(shown).toBe("https://***@tiles.example.org/{z}/{x}/{y}.png?key=***");
  expect(dead).toEqual([
    { number: 4, range: RANGE, attempts: 9, error: "no tile at https://t.example.org/1?token=***" },
  ]);
  expect(await (await api.fetch(SEEDS)).text()).not.toContain("hidden");
});

test("a seed is paused, resumed, sent again and cancelled; what does not fit its state is refused", async () => {
  const seed = fakeSeed({ id: "a", blocks: { queued: 0, leased: 0, dead: 1, done: 9 } });
  await using api = await start(new FakeBook({ ...seed, counts: { ...seed.counts, failed: 100 } }));
  const act = async (action: string): Promise<unknown> => (await api.post(`${SEEDS}/a/${action}`)).body;
  expect(await act("pause")).toMatchObject({ state: "paused", actions: ["resume", "cancel", "retry"] });
  expect((await api.get(SEEDS, listShape)).seeds[0]?.state).toBe("paused");
  expect(await act("resume")).toMatchObject({ state: "running" });
  expect(await act("retry")).toMatchObject({ failed: 0, blocks: { dead: 0, queued: 1 }, dead: [] });
  expect(await act("cancel")).toMatchObject({ state: "cancelled", actions: [] });
  expect(codeOf(await api.post(`${SEEDS}/a/pause`))).toEqual([409, "cluster.state"]);
  expect(codeOf(await api.post(`${SEEDS}/none/pause`))).toEqual([404, "cluster.unknownSeed"]);
  expect((await api.fetch(`${SEEDS}/none`)).status).toBe(404);
});

test("without a cluster it is said how to start one, and with a database that is away that it is", async () => {
  await using alone = await start(null);
  const refused = await alone.fetch(SEEDS);
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: "argument.invalid" } }]);
  expect((await alone.get("/api/status", statusShape)).cluster).toBe(false);
  const book = new FakeBook(fakeSeed({ id: "a" }));
  book.database = "away";
  await using api = await start(book);
  for (const path of [SEEDS, `${SEEDS}/a`]) {
    const answer = await api.fetch(path);
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: "postgres.unreachable" } }]);
  }
  expect(codeOf(await api.post(`${SEEDS}/a/retry`))).toEqual([503, "postgres.unreachable"]);
  book.database = "up";
  await api.get(`${SEEDS}/a`, seedDetailShape);
});

test("readers look, operators act", async () => {
  const tokens = new Tokens({ operator: "operator-of-the-test", reader: "reader-of-the-test-1" });
  await using api = await start(new FakeBook(fakeSeed({ id: "a" })), { tokens });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  expect((await api.fetch(SEEDS)).status).toBe(401);
  expect((await api.fetch(SEEDS, { headers: as("reader-of-the-test-1") })).status).toBe(200);
  expect(codeOf(await api.post(`${SEEDS}/a/pause`, undefined, as("reader-of-the-test-1")))).toEqual([
    403,
    "access.role",
  ]);
  expect((await api.post(`${SEEDS}/a/pause`, undefined, as("operator-of-the-test"))).status).toBe(200);
});
