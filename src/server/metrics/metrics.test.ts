import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { TestApi } from "../fixtures/api_server.ts";

const folder = useTempFolder();

/** Values by name and labels, as they stand in the text. */
async function scrape(api: TestApi): Promise<Map<string, number>> {
  const answer = await api.fetch("/metrics");
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, name = "", value = ""] = /^(.*) (\S+)$/.exec(line) ?? [];
      return [name, value === "+Inf" ? Infinity : Number(value)];
    }),
  );
}

const WORLD = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "0-3", store: "world.gpkg" };

test("tells what jobs, hosts and requests have done, and what the process has under way", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), caches: () => ({ live: {} }) });
  await api.post("/api/jobs", WORLD);
  const read = async (name: string): Promise<number | undefined> => (await scrape(api)).get(name);
  await expect.poll(() => read('tilth_jobs{state="done"}'), { timeout: 10_000 }).toBe(1);
  for (let count = 0; count < 3; count++) await (await api.fetch("/tiles/live/2/1/1")).arrayBuffer();
  await (await api.fetch("/tiles/live/13/0/0")).arrayBuffer();
  await api.fetch("/tiles/live/99/0/0");
  const values = await scrape(api);
  const host = `host="${new URL(api.origin.url).host}"`;
  const expected: [string, number][] = [
    ["tilth_job_stored_total", 85],
    ["tilth_job_failed_total", 0],
    ['tilth_served_tiles_total{outcome="hit"}', 2],
    ['tilth_served_tiles_total{outcome="fetched"}', 1],
    ['tilth_served_tiles_total{outcome="enlarged"}', 1],
    ['tilth_requests_total{kind="tile",status="2xx"}', 4],
    ['tilth_requests_total{kind="tile",status="4xx"}', 1],
    ['tilth_request_seconds_count{kind="tile"}', 5],
    [`tilth_host_requests_total{${host}}`, api.origin.requests.total],
    [`tilth_host_breaker{${host}}`, 0],
    [`tilth_host_latency_seconds_count{${host}}`, api.origin.requests.total],
    [`tilth_host_latency_seconds_bucket{${host},le="+Inf"}`, api.origin.requests.total],
    ["tilth_caches", 2],
    ["tilth_queue_items", 0],
  ];
  expect(expected.map(([name]) => [name, values.get(name)])).toEqual(expected);
  const known: [string, number][] = [
    ['tilth_sent_bytes_total{kind="tile"}', 3000],
    ["tilth_job_bytes_total", 85_000],
    ["tilth_threads", 1],
    [`tilth_host_concurrency_limit{${host}}`, 1],
    [`tilth_host_received_bytes_total{${host}}`, 85_000],
    ["process_resident_memory_bytes", 1e7],
  ];
  for (const [name, least] of known) expect([name, (values.get(name) ?? 0) >= least]).toEqual([name, true]);
  expect(values.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  // Labels come in one order in the text above; a value that is no number would be NaN.
  expect([...values].filter(([name, value]) => name.startsWith("tilth_") && Number.isNaN(value))).toEqual([]);
});

test("a run that begins again counts on", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), origin: { latencyMs: 20 } });
  const { body } = await api.post("/api/jobs", { ...WORLD, zooms: "5" });
  const { id } = body as { id: string };
  const stored = async (): Promise<number> => (await scrape(api)).get("tilth_job_stored_total") ?? 0;
  await expect.poll(stored, { timeout: 10_000 }).toBeGreaterThan(0);
  const paused = await api.post(`/api/jobs/${id}/pause`);
  const { report } = paused.body as { report: { stored: number } };
  expect(await stored()).toBe(report.stored);
  await api.post(`/api/jobs/${id}/resume`);
  await expect.poll(stored, { timeout: 10_000 }).toBe(1024);
});
