import { readFileSync } from "node:fs";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpClient } from "./http_client.ts";

const fixture = (name: string): string => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");
const cert = fixture("localhost.cert.pem");

let server: Http2SecureServer;
let url = "";
let versions: string[] = [];

beforeEach(async () => {
  versions = [];
  server = createSecureServer({ key: fixture("localhost.key.pem"), cert, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(`answer to ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test("with http2 the requests are HTTP/2, and each gets its own answer", async () => {
  const client = new HttpClient({ http2: true, certificateAuthority: cert, proxyFromEnvironment: false });
  await client.request(`${url}/first`);
  const answers = await Promise.all([1, 2, 3].map((index) => client.request(`${url}/${index}`)));
  await client.close();
  expect(answers.map(({ body }) => new TextDecoder().decode(body))).toEqual([
    "answer to /1",
    "answer to /2",
    "answer to /3",
  ]);
  expect(new Set(versions)).toEqual(new Set(["2.0"]));
});

test("without it the same server is spoken to in HTTP/1.1", async () => {
  const client = new HttpClient({ certificateAuthority: cert, proxyFromEnvironment: false });
  const { status } = await client.request(`${url}/plain`);
  await client.close();
  expect(status).toBe(200);
  expect(versions).toEqual(["1.1"]);
});

test("a certificate that nobody vouches for is refused and not retried", async () => {
  const client = new HttpClient({ proxyFromEnvironment: false });
  await expect(client.request(`${url}/x`)).rejects.toMatchObject({
    code: "http.connect",
    fields: { retryable: false },
  });
  await client.close();
  expect(versions).toEqual([]);
});
