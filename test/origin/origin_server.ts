import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { passFault, type FaultPlan } from "./faults.ts";

export interface OriginTile {
  data: Uint8Array;
  mimeType: string;
}

/** Gives the bytes of a tile; null answers 404. `scale` 2 asks for 512 px. Rows count from the top. */
export type TileProvider = (
  z: number,
  x: number,
  y: number,
  scale: 1 | 2,
) => Promise<OriginTile | null> | OriginTile | null;

export interface OriginOptions {
  tiles: TileProvider;
  /** Added before each answer, ms. */
  latencyMs?: number;
  faults?: FaultPlan;
  /** @default 0: any free port */
  port?: number;
  /** Called for every request. */
  onRequest?: (path: string, request: IncomingMessage) => void;
}

export interface Origin {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** URL template of the tiles. */
  readonly template: string;
  /** Requests so far, and by path. */
  readonly requests: { total: number; byPath: Map<string, number> };
  close(): Promise<void>;
}

/** A key is taken as services take it, and not looked at. */
const TILE_PATH = /^\/tiles\/(\d+)\/(\d+)\/(\d+)(@2x)?\.\w+(?:\?key=\w+)?$/;

/** A tile service on loopback. Whatever it does not know it answers with 400, so that a wrong request cannot pass for an empty tile. */
export async function startOrigin(options: OriginOptions): Promise<Origin> {
  const requests = { total: 0, byPath: new Map<string, number>() };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.total += 1;
    const attempt = (requests.byPath.get(path) ?? 0) + 1;
    requests.byPath.set(path, attempt);
    options.onRequest?.(path, request);
    answer(options, request, response, attempt).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  server.keepAliveTimeout = 5_000;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, template: `${url}/tiles/{z}/{x}/{y}.png`, requests, close: () => close(server, sockets) };
}

async function answer(
  options: OriginOptions,
  request: IncomingMessage,
  response: ServerResponse,
  attempt: number,
): Promise<void> {
  const path = request.url ?? "";
  const match = TILE_PATH.exec(path);
  if (match === null || request.method !== "GET") {
    response.writeHead(400, { "content-type": "text/plain" }).end(`unexpected request ${request.method} ${path}`);
    return;
  }
  if (options.latencyMs !== undefined) await delay(options.latencyMs);
  const [z = 0, x = 0, y = 0] = match.slice(1, 4).map(Number);
  const read = async (): Promise<OriginTile | null> => options.tiles(z, x, y, match[4] === undefined ? 1 : 2);
  if (options.faults !== undefined && (await passFault(options.faults, path, attempt, response, read))) return;
  sendTile(request, response, await read());
}

function sendTile(request: IncomingMessage, response: ServerResponse, tile: OriginTile | null): void {
  if (tile === null) {
    response.writeHead(404, { "content-length": 0 }).end();
    return;
  }
  const etag = `"${createHash("sha1").update(tile.data).digest("hex").slice(0, 16)}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  response.writeHead(200, { "content-type": tile.mimeType, "content-length": tile.data.length, etag }).end(tile.data);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function close(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
