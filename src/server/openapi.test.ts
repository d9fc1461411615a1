import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findOpenApiFaults } from "../../test/support/openapi_faults.ts";
import { createApp } from "./app.ts";
import { CacheRegistry } from "./served_cache.ts";

let app: FastifyInstance;

beforeEach(async () => {
  app = await createApp({ registry: new CacheRegistry(), version: "1.2.3" });
});

afterEach(() => app.close());

/** `GET /api/jobs/{id}` and so on, out of the tree that the router prints of itself. */
function listRoutes(tree: string): string[] {
  const above: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", part = "", methods = ""] = /^([ │]*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    const depth = indent.length / 4;
    above.splice(depth, above.length, part);
    const path = above.join("").replaceAll(/:(\w+)/g, "{$1}");
    return methods
      .split(", ")
      .filter((method) => method !== "" && method !== "HEAD")
      .map((method) => `${method} ${path}`);
  });
}

interface Described {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, unknown>>;
}

test("/openapi.json is an OpenAPI 3.1 document that lists every route under /api, and the tiles", async () => {
  const document = (await app.inject("/openapi.json")).json<Described>();
  expect(findOpenApiFaults(document)).toEqual([]);
  expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
  const told = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = listRoutes(app.printRoutes({ commonPrefix: false })).filter((route) => route.includes(" /api"));
  expect(routes).toContain("POST /api/jobs/{id}/pause");
  expect(told.filter((route) => route.includes(" /api")).toSorted()).toEqual(routes.toSorted());
  const open = [
    "/tiles/{cache}/{z}/{x}/{y}",
    "/tms/1.0.0/{cache}/{z}/{x}/{y}",
    "/tilejson/{cache}.json",
    "/wmts",
    "/ogc",
  ];
  expect(told).toEqual(expect.arrayContaining(open.map((path) => `GET ${path}`)));
  const [tile, kvp] = ["/tiles/{cache}/{z}/{x}/{y}", "/wmts"].map((path) => document.paths[path]?.["get"]);
  expect(tile).toMatchObject({ parameters: ["cache", "z", "x", "y"].map((name) => ({ name, in: "path" })) });
  expect(kvp).toMatchObject({ parameters: expect.arrayContaining([expect.objectContaining({ name: "TILEROW" })]) });
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item)) expect(operation).toMatchObject({ responses: { 401: {}, 429: {} } });
});

test("the check finds what is wrong with a document", () => {
  const good = { description: "fine" };
  const paths = {
    "/a/{b}": { get: { responses: { 200: good } }, fetch: {} },
    c: { post: { parameters: [{ name: "q", in: "body", schema: { type: "text", nullable: true } }], responses: {} } },
  };
  expect(findOpenApiFaults({ openapi: "3.0.0", info: { title: "x" }, paths })).toEqual([
    "openapi is '3.0.0'",
    "info has no title or version",
    "get /a/{b}: its path does not name ",
    "fetch /a/{b} is no method",
    "c does not begin with /",
    "post c: parameter 'body q'",
    "post c body q.type is 'text'",
    "post c body q.nullable is unknown",
    "post c has no response",
  ]);
});
