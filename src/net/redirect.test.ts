import { describe, expect, test } from "vitest";
import { useLoopback, type LoopbackAnswer } from "../../test/support/loopback.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { redirectTarget } from "./redirect.ts";

const kit = useLoopback();
const to = (location: string, status = 302): LoopbackAnswer => ({ status, headers: { location } });
const raw = (location: string) => ({ status: 302, headers: { location }, body: new Uint8Array() });

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])("with status %i are followed, relative ones too", async (status) => {
    const origin = await kit.origin();
    origin.on("/a/b", to("../c?x=1", status)).on("/c?x=1", { body: "here" });
    const response = await kit.client().request(origin.url("/a/b"));
    expect(response).toMatchObject({ status: 200, url: origin.url("/c?x=1") });
  });

  test("are followed five times, not six, and as often as asked", async () => {
    const origin = await kit.origin();
    for (let hop = 0; hop < 6; hop++) origin.on(`/${hop}`, to(`/${hop + 1}`));
    origin.on("/6", { body: "end" });
    const client = kit.client();
    await expect(client.request(origin.url("/0"))).rejects.toMatchObject({ code: "http.redirect" });
    expect((await client.request(origin.url("/1"))).status).toBe(200);
    expect((await client.request(origin.url("/0"), { maxRedirects: 6 })).status).toBe(200);
    await expect(client.request(origin.url("/5"), { maxRedirects: 0 })).rejects.toMatchObject({
      code: "http.redirect",
    });
  });

  test("in a circle end", async () => {
    const origin = await kit.origin();
    origin.on("/a", to("/a"));
    await expect(kit.client().request(origin.url("/a"))).rejects.toMatchObject({ code: "http.redirect" });
    expect(origin.requests).toHaveLength(6);
  });

  test("to another origin leave headers that hold secrets behind, and keep the others", async () => {
    const [first, second] = [await kit.origin(), await kit.origin()];
    first.on("/a", to("/b")).on("/b", to(second.url("/c")));
    second.on("/c", { body: "x" });
    const headers = { authorization: "Basic x", "x-api-key": "k", cookie: "c", referer: "http://me/" };
    await kit.client().request(first.url("/a"), { headers });
    expect(first.requests[1]?.headers).toMatchObject(headers);
    expect(second.requests[0]?.headers).toMatchObject({ referer: "http://me/" });
    for (const name of ["authorization", "x-api-key", "cookie"])
      expect(second.requests[0]?.headers).not.toHaveProperty(name);
  });

  test("are shown to the caller's check, hop by hop, before they are asked", async () => {
    const origin = await kit.origin();
    origin.on("/a", to("/b")).on("/b", to("/forbidden"));
    const seen: string[] = [];
    const checkUrl = (url: URL): void => {
      seen.push(url.pathname);
      if (url.pathname === "/forbidden") throw new Error("not there");
    };
    await expect(kit.client().request(origin.url("/a"), { checkUrl })).rejects.toThrow("not there");
    expect(seen).toEqual(["/a", "/b", "/forbidden"]);
    expect(origin.paths()).toEqual(["/a", "/b"]);
  });

  test.each(["http://h/", "ftp://h/", "file:///etc/passwd", "javascript:1", "https://"])(
    "from https to %s are refused",
    (location) => {
      const follow = (): unknown => redirectTarget(raw(location), new URL("https://h/"), {});
      expect(follow).toThrow(
        expect.objectContaining({
          code: "http.redirect",
          fields: expect.objectContaining({ retryable: false }) as object,
        }),
      );
    },
  );

  test("from http to https are allowed", () => {
    expect(redirectTarget(raw("https://h/x"), new URL("http://h/"), {})?.url.href).toBe("https://h/x");
  });

  test("without a Location are answers like any other", async () => {
    const origin = await kit.origin();
    origin.on("/", { status: 302 });
    expect((await kit.client().request(origin.url("/"))).status).toBe(302);
  });
});

test("redirects share the time of one attempt: the last one gets what is left", async () => {
  const origin = await kit.origin();
  const clock = new FakeClock();
  const waiting: (() => void)[] = [];
  const asked = Promise.withResolvers<void>();
  origin.on("/a", (response) => {
    waiting.push(() => response.writeHead(302, { location: "/b" }).end());
    asked.resolve();
  });
  const last = Promise.withResolvers<void>();
  origin.on("/b", () => last.resolve());
  const request = kit.client({ clock }).request(origin.url("/a"), { timeoutMs: 1000 });
  const ended = expect(request).rejects.toMatchObject({ code: "http.timeout" });
  await asked.promise;
  await clock.advance(800);
  waiting[0]?.();
  await last.promise;
  await clock.advance(400);
  await ended;
});
