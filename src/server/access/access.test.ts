import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { TestApi, type ApiServerOptions } from "../fixtures/api_server.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { Tokens } from "./tokens.ts";

const OPERATOR = "operator-0123456789";
const READER = "reader-0123456789abc";

const folder = useTempFolder();
const start = (options: Partial<ApiServerOptions> = {}): Promise<TestApi> =>
  TestApi.start({ folder: folder.path("."), ...options });
const guarded = (): Promise<TestApi> => start({ tokens: new Tokens({ operator: OPERATOR, reader: READER }) });

const WORLD = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "0-1", store: "world.gpkg" };
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe("with tokens", () => {
  test.each([
    "/api/status",
    "/api/caches",
    "/api/jobs",
    "/api/events",
    "/tiles/a/0/0/0",
    "/ogc",
    "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities",
    "/openapi.json",
    "/metrics",
  ])("%s is for those who have one", async (path) => {
    await using api = await guarded();
    expect((await api.fetch(path)).status).toBe(401);
    expect((await api.fetch(path, { headers: bearer("wrong-0123456789abc") })).status).toBe(401);
    const answer = await api.fetch(path, { headers: bearer(READER) });
    expect([200, 404]).toContain(answer.status);
    await answer.body?.cancel();
  });

  test("a page of another origin is told why it gets nothing, though not by the API", async () => {
    await using api = await guarded();
    const headers = { origin: "https://maps.example.org" };
    for (const [path, allowed] of [
      ["/tiles/a/0/0/0", "*"],
      ["/tilejson/a.json", "*"],
      ["/api/jobs", null],
      ["/metrics", null],
    ] as const) {
      const answer = await api.fetch(path, { headers });
      const got = [path, answer.status, answer.headers.get("access-control-allow-origin")];
      expect(got).toEqual([path, 401, allowed]);
    }
  });

  test("the page and the health of the server are for all", async () => {
    await using api = await guarded();
    for (const path of ["/", "/health"]) expect([path, (await api.fetch(path)).status]).toEqual([path, 200]);
  });

  test("a reader looks, an operator changes", async () => {
    await using api = await guarded();
    expect(await api.post("/api/jobs", WORLD)).toMatchObject({ status: 401 });
    const refused = await api.post("/api/jobs", WORLD, bearer(READER));
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "access.role" } } });
    expect(await api.post("/api/jobs", WORLD, bearer(OPERATOR))).toMatchObject({ status: 201 });
  });

  test("programs that know only names and passwords give the token as the password", async () => {
    await using api = await guarded();
    const basic = Buffer.from(`anybody:${READER}`).toString("base64");
    const { status } = await api.fetch("/ogc", { headers: { authorization: `Basic ${basic}` } });
    expect(status).toBe(200);
  });

  test("a browser signs in for a cookie that scripts cannot read, and out again", async () => {
    await using api = await guarded();
    expect(await api.post("/api/session", { token: "wrong-0123456789abc" })).toMatchObject({ status: 401 });
    const signedIn = await api.fetch("/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: READER }),
    });
    const set = signedIn.headers.get("set-cookie") ?? "";
    expect(set).toMatch(/^tilth_session=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\//);
    expect(set).not.toContain(READER);
    const cookie = { cookie: set.split(";")[0] ?? "" };
    const status = await api.fetch("/api/status", { headers: cookie });
    expect(await status.json()).toMatchObject({ role: "reader", authenticated: true });
    expect(await api.post("/api/jobs", WORLD, cookie)).toMatchObject({ status: 403 });
    expect((await api.fetch("/api/session", { method: "DELETE", headers: cookie })).status).toBe(204);
    expect((await api.fetch("/api/status", { headers: cookie })).status).toBe(401);
  });

  test("guesses in headers are counted, and the right token is taken all the same", async () => {
    await using api = await guarded();
    const ask = async (token: string): Promise<number> => {
      const answer = await api.fetch("/api/status", { headers: bearer(token) });
      await answer.body?.cancel();
      return answer.status;
    };
    const answers: number[] = [];
    for (let count = 0; count < 12; count++) answers.push(await ask(`wrong-${count}-0123456789`));
    expect(answers).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect(await ask(READER)).toBe(200);
    // Who brings none is told what to bring, however often.
    expect((await api.fetch("/api/status")).status).toBe(401);
  });

  test("guesses are counted", async () => {
    await using api = await guarded();
    const answers: number[] = [];
    for (let count = 0; count < 12; count++)
      answers.push((await api.post("/api/session", { token: `wrong-${count}-0123456789` })).status);
    expect(answers).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  test.each([
    [{ operator: "short" }, /at least 16/],
    [{ operator: OPERATOR, reader: OPERATOR }, /different/],
  ])("%j is refused", (options, message) => {
    expect(() => new Tokens(options)).toThrow(message);
  });
});

/** As a browser would send it: `fetch` does not let these headers through. */
async function send(api: TestApi, path: string, headers: Record<string, string>, body?: object): Promise<number> {
  const { hostname, port } = new URL(api.server.url);
  const method = body === undefined ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe("pages of others", () => {
  const json = { "content-type": "application/json" };

  test.each<[string, Record<string, string>]>([
    ["an origin", { origin: "https://evil.example" }],
    ["no origin at all", { origin: "null" }],
    ["a site", { "sec-fetch-site": "cross-site" }],
    ["a neighbour's port", { origin: "http://127.0.0.1:1" }],
  ])("may not ask for a job, told by %s", async (_what, headers) => {
    await using api = await start();
    expect(await send(api, "/api/jobs", { ...json, ...headers }, WORLD)).toBe(403);
    expect(await send(api, "/api/jobs", { ...json, origin: api.server.url }, WORLD)).toBe(201);
  });

  test("cannot reach the server by a name that was made to point to it", async () => {
    await using api = await start();
    expect(await send(api, "/api/status", { host: "evil.example" })).toBe(403);
    expect(await send(api, "/api/jobs", { ...json, host: "evil.example", origin: "http://evil.example" }, WORLD)).toBe(
      403,
    );
    expect(await send(api, "/api/status", { host: "localhost:1" })).toBe(200);
    expect(await send(api, "/api/status", { host: "[::1]:1" })).toBe(200);
  });

  test.each(["/%61pi/status", "/api/%73tatus", "/metrics", "/%6Detrics", "/api//status", "/api/status?x"])(
    "nor by another spelling of an address: %s",
    async (path) => {
      await using api = await start();
      expect([403, 404]).toContain(await send(api, path, { host: "evil.example" }));
      const forged = { ...json, host: "evil.example", origin: "http://evil.example", "sec-fetch-site": "same-origin" };
      expect(await send(api, "/%61pi/jobs", forged, WORLD)).toBe(403);
    },
  );

  test("cannot send what needs no leave: text and forms", async () => {
    await using api = await start();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"])
      expect([type, await send(api, "/api/jobs", { "content-type": type }, WORLD)]).toEqual([type, 415]);
  });
});

describe("the server", () => {
  test("does not listen where others can reach it without a token", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5"])
      await expect(start({ host })).rejects.toThrow(/expected a token for the address/);
    await using api = await start({ host: "0.0.0.0", tokens: new Tokens({ operator: OPERATOR }) });
    const { port } = new URL(api.server.url);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/ogc`)).status).toBe(401);
  });

  test("does not listen behind a proxy without a token, and believes none that is not an address", async () => {
    await expect(start({ trustProxy: ["loopback"] })).rejects.toThrow(/expected a token for a server behind a proxy/);
    const tokens = new Tokens({ operator: OPERATOR });
    for (const proxy of ["proxy.example.org", "10.0.0.0/33", "0.0.0.0/0", "::/129", "1/2/3", ""])
      await expect(start({ tokens, trustProxy: [proxy] })).rejects.toThrow(/expected the address of a proxy/);
  });

  test("behind a proxy speaks with the name, scheme and address of whoever asks the proxy", async () => {
    const tokens = new Tokens({ operator: OPERATOR });
    await using api = await start({ tokens, trustProxy: ["127.0.0.0/8"], limits: { perMinute: 3 } });
    const from = (address: string) => ({
      ...bearer(OPERATOR),
      "x-forwarded-host": "maps.example.org",
      "x-forwarded-proto": "https",
      "x-forwarded-for": address,
      origin: "https://maps.example.org",
    });
    const ogc = (await api.fetch("/ogc", { headers: from("192.0.2.1") })).text();
    expect(await ogc).toContain('"https://maps.example.org/ogc');
    expect((await api.post("/api/jobs", WORLD, from("192.0.2.1"))).status).toBe(201);
    const signIn = await api.fetch("/api/session", {
      method: "POST",
      body: JSON.stringify({ token: OPERATOR }),
      headers: { ...from("192.0.2.2"), "content-type": "application/json" },
    });
    expect(signIn.headers.get("set-cookie")).toMatch(/; Secure$/);
    // Each address has its own count.
    const ask = async (address: string): Promise<number> =>
      (await api.fetch("/api/status", { headers: from(address) })).status;
    for (const expected of [200, 200, 200, 429]) expect(await ask("192.0.2.3")).toBe(expected);
    expect(await ask("192.0.2.4")).toBe(200);
  });

  test("believes no header when no proxy is named", async () => {
    await using api = await start({ limits: { perMinute: 2 } });
    const ask = async (address: string): Promise<number> => {
      const headers = { "x-forwarded-for": address, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
      const answer = await api.fetch("/ogc", { headers });
      expect(await answer.text()).not.toMatch(/evil|https:\/\/127/);
      return answer.status;
    };
    expect([await ask("192.0.2.1"), await ask("192.0.2.2"), await ask("192.0.2.3")]).toEqual([200, 200, 429]);
  });

  test("answers an address only so often in a minute", async () => {
    await using api = await start({ limits: { perMinute: 5, tilesPerMinute: 3 } });
    const ask = async (path: string): Promise<number> => (await api.fetch(path)).status;
    for (let count = 0; count < 5; count++) expect(await ask("/api/status")).toBe(200);
    expect(await ask("/api/status")).toBe(429);
    for (let count = 0; count < 3; count++) expect(await ask("/tiles/none/0/0/0")).toBe(404);
    expect(await ask("/tiles/none/0/0/0")).toBe(429);
  });

  test("says with each document what a browser may do with it", async () => {
    await using api = await start();
    const { headers } = await api.fetch("/");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
  });
});
