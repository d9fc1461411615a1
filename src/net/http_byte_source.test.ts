import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { useLoopback, type LoopbackAnswer } from "../../test/support/loopback.ts";
import { openHttpSource } from "./http_byte_source.ts";
import { DEFAULT_RETRY } from "./retry_policy.ts";

const kit = useLoopback();
const FILE = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251);
const AT_ONCE = { policy: { ...DEFAULT_RETRY, baseMs: 0, maxRetries: 2 }, random: () => 0 };

/** Answers with ranges of a file, as a plain web server does. */
function ranges(file: Uint8Array, headers: Record<string, string> = { etag: '"1"' }): LoopbackAnswer {
  return (response: ServerResponse, request: IncomingMessage) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    expect(request.headers["accept-encoding"]).toBe("identity");
    const from = Number(match?.[1]);
    const to = Math.min(Number(match?.[2]), file.length - 1);
    const part = { "content-range": `bytes ${from}-${to}/${file.length}`, ...headers };
    response.writeHead(206, part).end(file.subarray(from, to + 1));
  };
}

async function open(...answers: LoopbackAnswer[]) {
  const origin = await kit.origin();
  origin.on("/a.tif?key=secretvalue", ...answers);
  const source = await openHttpSource(kit.client(), origin.url("/a.tif?key=secretvalue"), AT_ONCE);
  return { origin, source };
}

describe("openHttpSource", () => {
  it("reads any part, asks for no more than that, and shows no secret", async () => {
    const { origin, source } = await open(ranges(FILE));
    expect(source.sizeBytes).toBe(FILE.length);
    expect(source.name).not.toContain("secretvalue");
    expect(await source.read(10, 20)).toEqual(FILE.slice(10, 30));
    expect(origin.requests).toHaveLength(1);
    expect(await source.read(65_530, 100)).toEqual(FILE.slice(65_530, 65_630));
    expect(await source.read(199_990, 100)).toEqual(FILE.slice(199_990));
    expect(await source.read(200_000, 10)).toEqual(new Uint8Array(0));
    expect(origin.requests.map(({ headers }) => headers.range)).toEqual([
      "bytes=0-65535",
      "bytes=65530-65629",
      "bytes=199990-199999",
    ]);
  });

  it("holds a small file whole that comes whole", async () => {
    const { origin, source } = await open({ body: FILE });
    expect(await source.read(100_000, 5)).toEqual(FILE.slice(100_000, 100_005));
    expect(origin.requests).toHaveLength(1);
  });

  it("tries again after a broken answer and a part that was not asked for", async () => {
    const wrong: LoopbackAnswer = { status: 206, headers: { "content-range": "bytes 5-7/200000" }, body: "123" };
    const { source } = await open({ status: 503 }, ranges(FILE), wrong, (response) => response.destroy(), ranges(FILE));
    expect(await source.read(150_000, 3)).toEqual(FILE.slice(150_000, 150_003));
  });

  it.each<[string, LoopbackAnswer]>([
    ["another tag", ranges(FILE, { etag: '"2"' })],
    ["no tag any more", ranges(FILE, {})],
    ["another size", ranges(FILE.slice(0, 190_000))],
  ])("refuses a file that changed meanwhile: %s", async (_, later) => {
    const { source } = await open(ranges(FILE), later);
    await expect(source.read(100_000, 10)).rejects.toMatchObject({ code: "http.changed" });
  });

  it("gives up on a host that sends the whole file for a part of it", async () => {
    const { source } = await open(ranges(FILE), { body: FILE });
    await expect(source.read(100_000, 10)).rejects.toMatchObject({ code: "http.noRanges" });
  });

  it.each<[string, LoopbackAnswer, string]>([
    ["no size", { status: 206, headers: { "content-range": "bytes 0-3/*" }, body: "1234" }, "http.protocol"],
    ["no range", { status: 206, body: "1234" }, "http.protocol"],
    ["missing", { status: 404 }, "http.status"],
    ["empty", { status: 416, headers: { "content-range": "bytes */0" } }, "http.status"],
  ])("refuses an answer with %s", async (_, answer, code) => {
    await expect(open(answer)).rejects.toMatchObject({ code });
  });

  it("stops waiting when it is told to, and when it is closed", async () => {
    const { source } = await open(ranges(FILE), () => undefined);
    const stop = new AbortController();
    const stopped = source.read(100_000, 1, { signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
    const closed = source.read(100_000, 1);
    await source.close();
    await expect(closed).rejects.toMatchObject({ code: "cancelled" });
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: "cancelled" });
  });
});
