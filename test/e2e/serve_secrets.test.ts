import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test, vi } from "vitest";
import { Loopback } from "../support/loopback.ts";
import { ServeProcess } from "../support/serve_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";
import { pngTile } from "../support/tile_bytes.ts";

const folder = useTempFolder();

/** Each is one that nothing else could spell. */
const SECRETS = {
  TILTH_TOKEN: "operatorSecret7Qw3Zx9Lk",
  TILTH_READER_TOKEN: "readerSecret5Tb8Ny2Vc",
  MAP_KEY: "urlKeySecret4Hg6Jd1Sa",
  MAP_BEARER: "headerSecret3Pf0Ru8Ie",
  MAP_PASSWORD: "passwordSecret9Mm2Kk5Oo",
};
/** What somebody sends who is refused. */
const SENT = { key: "sentKeySecret6Xx1Cc7Bb", password: "sentPassword8Dd4Ff0Gg", token: "wrongToken2Aa5Ee9Hh1Jj" };

const as = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const operator = as(SECRETS.TILTH_TOKEN);

/** Half of the tiles fail, in ways that repeat what was asked: in a body, in a redirect, by a broken line. */
function answer(response: ServerResponse, { url = "" }: IncomingMessage): void {
  const [, z = "", x = "", y = ""] = /\/(\d+)\/(\d+)\/(\d+)\.png/.exec(url) ?? [];
  const echo = `you asked for ${url}`;
  if (z !== "2" || (Number(x) + Number(y)) % 2 === 0)
    response.writeHead(200, { "content-type": "image/png", etag: '"a"' }).end(pngTile());
  else if (x === "0") response.writeHead(403, { "content-type": "text/html" }).end(`<html>${echo}</html>`);
  else if (x === "1") response.writeHead(302, { location: `http://127.0.0.1:9/other?from=${url}` }).end();
  else if (x === "2") response.writeHead(200, { "content-type": "text/html" }).end(`<html>${echo}</html>`);
  else response.socket?.destroy();
}

function writeConfig(origin: Loopback): string {
  const config = folder.path("tilth.yaml");
  const template = "{z}/{x}/{y}.png";
  const lines = [
    "version: 1",
    "sources:",
    `  keyed: { source: '${origin.url(`/keyed/${template}?key=\${MAP_KEY}`)}', maxZoom: 5 }`,
    `  signed: { source: '${origin.url(`/signed/${template}`)}', headers: { Authorization: 'Bearer \${MAP_BEARER}' } }`,
    `  named: { source: 'http://\${MAP_USER}:\${MAP_PASSWORD}@${origin.host}/named/${template}' }`,
    "caches:",
    "  live: { source: keyed, file: live.gpkg }",
  ];
  writeFileSync(config, lines.join("\n"));
  return config;
}

/** Everything that a server says to whoever asks, its events included; what a browser keeps as its cookie is left out. */
async function readAll(server: ServeProcess, paths: readonly string[], init: RequestInit): Promise<string> {
  const texts: string[] = [];
  for (const path of paths) {
    const said = await server.fetch(path, { ...init, signal: AbortSignal.timeout(10_000) });
    const headers = [...said.headers].filter(([name]) => name !== "set-cookie");
    texts.push(path, JSON.stringify(headers), await readText(said));
  }
  return texts.join("\n");
}

/** The first part of a line of events. */
async function readText(said: Response): Promise<string> {
  if (said.headers.get("content-type") !== "text/event-stream") return said.text();
  const reader = said.body?.getReader();
  let text = "";
  while (!text.includes("event: job") && reader !== undefined)
    text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader?.cancel();
  return text;
}

function readFiles(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, "latin1");
  return readdirSync(path)
    .map((name) => `${name} ${readFiles(join(path, name))}`)
    .join("\n");
}

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { ...(operator.headers as Record<string, string>), "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** Jobs of every source, each with tiles that fail. @returns their ids */
async function runJobs(server: ServeProcess): Promise<string[]> {
  const ids: string[] = [];
  for (const source of ["keyed", "signed", "named"]) {
    const job = { source, bbox: [-180, -85, 180, 85], zooms: "0-2", store: `${source}.gpkg`, retries: 0 };
    const { id } = (await server.json("/api/jobs", post(job))) as { id: string };
    ids.push(id);
    const state = async () => ((await server.json(`/api/jobs/${id}`, operator)) as { state: string }).state;
    await vi.waitFor(async () => expect(["done", "incomplete", "failed"]).toContain(await state()), {
      timeout: 30_000,
    });
  }
  return ids;
}

/** Who does not know a secret says one of his own. */
async function sendRefused(server: ServeProcess, origin: Loopback): Promise<string> {
  const urls = [
    `http://${origin.host}/{z}/{x}/{y}.png?api_key=${SENT.key}`,
    `http://me:${SENT.password}@${origin.host}/{z}/{x}/{y}.png`,
  ];
  const bodies = urls.map((source) => ({ source, bbox: [0, 0, 1, 1], zooms: "1", store: "a.gpkg" }));
  const answers = [
    ...bodies.flatMap((body) => [server.fetch("/api/jobs", post(body)), server.fetch("/api/estimate", post(body))]),
    server.fetch("/api/session", { ...post({ token: SENT.token }) }),
    server.fetch("/api/session", { ...post({ token: [SENT.token] }) }),
    server.fetch("/api/status", as(SENT.token)),
    server.fetch(`/api/status?token=${SECRETS.TILTH_TOKEN}`),
    server.fetch(`/tiles/nobody/${SECRETS.TILTH_READER_TOKEN}/0/0`, operator),
    server.fetch(`/api/nothing/%zz?token=${SECRETS.TILTH_TOKEN}`, operator),
  ];
  const said = await Promise.all(answers);
  expect(said.filter(({ status }) => status < 400 || status >= 500)).toEqual([]);
  // The address that was asked for is the asker's own: only what is said of it counts.
  return (await Promise.all(said.map((one) => one.text()))).join("\n");
}

test("no secret of a server is in what it answers, logs, counts or keeps", async () => {
  const origin = (await Loopback.start()).onAny(answer);
  try {
    const more = ["--allow-host", origin.host, "--allow-private", "127.0.0.0/8", "--verbose"];
    const args = ["--data", folder.path("data"), "--config", writeConfig(origin), ...more];
    const server = await ServeProcess.start(args, { ...SECRETS, MAP_USER: "me" });
    const said: string[] = [];
    {
      await using running = server;
      said.push(await sendRefused(running, origin));
      const signedIn = await running.fetch("/api/session", post({ token: SECRETS.TILTH_TOKEN }));
      const session = /tilth_session=(\w+)/.exec(signedIn.headers.get("set-cookie") ?? "")?.[1] ?? "";
      expect(session).toHaveLength(64);
      const ids = await runJobs(running);
      const ofJobs = ids.flatMap((id) => [`/api/jobs/${id}`, `/api/jobs/${id}/failed`]);
      const ofCaches = ["live", "keyed", "signed", "named"].flatMap((name) => [
        `/api/caches/${name}`,
        `/tilejson/${name}.json`,
        `/ogc/collections/${name}`,
        ...["0/0/0", "2/0/1"].flatMap((tile) => [`/tiles/${name}/${tile}`, `/api/caches/${name}/tiles/${tile}`]),
      ]);
      const paths = [
        "/api/status",
        "/api/sources",
        "/api/hosts",
        "/api/caches",
        "/api/jobs",
        "/metrics",
        "/openapi.json",
        "/ready",
        "/",
      ];
      const documents = ["/wmts?SERVICE=WMTS&REQUEST=GetCapabilities", "/ogc", "/api/events?after=0", "/api/nothing"];
      const cookie = { headers: { cookie: `tilth_session=${session}` } };
      // Asked for by the map, and retried: once is enough.
      said.push(await readAll(running, ["/tiles/live/2/2/1"], operator));
      for (const init of [operator, as(SECRETS.TILTH_READER_TOKEN), cookie])
        said.push(await readAll(running, [...ofJobs, ...ofCaches, ...paths, ...documents], init));
      Object.assign(SENT, { session });
    }
    // They were really used.
    const used = JSON.stringify(origin.requests);
    const basic = Buffer.from(`me:${SECRETS.MAP_PASSWORD}`).toString("base64");
    for (const secret of [SECRETS.MAP_KEY, SECRETS.MAP_BEARER]) expect(used).toContain(secret);
    expect(used.includes(basic) || used.includes(SECRETS.MAP_PASSWORD)).toBe(true);
    expect(server.output).toMatch(/Job:|Request:/);
    const kept = {
      answers: said.join("\n"),
      log: server.output,
      files: readFiles(folder.path("data")),
      live: readFiles(folder.path("live.gpkg")),
    };
    // The places where they would stand are there.
    for (const text of [kept.answers, kept.files]) expect(text).toContain("?key=***");
    for (const [where, text] of Object.entries(kept))
      for (const secret of [...Object.values(SECRETS), ...Object.values(SENT)])
        for (const form of [secret, Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -2), basic])
          expect([where, secret, around(text, form)]).toEqual([where, secret, null]);
  } finally {
    await origin.close();
  }
}, 120_000);

/** Where a text stands in another, with some of what is around it; null when it does not. */
function around(text: string, wanted: string): string | null {
  const at = text.indexOf(wanted);
  return at < 0 ? null : text.slice(Math.max(0, at - 200), at + 100);
}
