import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../src/core/index.ts";
import { answerQuery } from "./overpass_answer.ts";
import type { OsmWorld } from "./osm_world.ts";

/** What may come instead of an answer. `hangs` begins a body and never ends it; `truncated` is whole HTTP of half a document; `cut` and `cutChunks` break within the body. */
export type OverpassFault =
  | { readonly kind: "quota" | "busy"; readonly retryAfterS?: number }
  | { readonly kind: "syntax" | "refused" | "remark" | "html" | "truncated" | "cut" | "cutChunks" | "reset" | "hangs" }
  | { readonly kind: "redirect"; readonly to: string }
  | { readonly kind: "text"; readonly body: string };

export interface LoggedRequest {
  readonly kind: "query" | "status";
  /** Of the service's clock, monotonic. */
  readonly atMs: number;
  readonly userAgent: string;
  readonly query: string;
  /** `answer`, or the kind of the fault. */
  readonly outcome: string;
  /** Queries that were under way already. */
  readonly besides: number;
}

export interface FakeOverpassOptions {
  readonly world: OsmWorld;
  readonly clock: Clock;
  /** What to do with a query instead of answering it. @param index of the query, from 0 */
  readonly fault?: (index: number, query: string) => OverpassFault | null;
  /** Text of `/api/status`, or the seconds in which it may be asked again. */
  readonly status?: () => string | { readonly retryAfterS: number };
}

const PAGE = (error: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<html><head><title>OSM3S Response</title></head><body>
<p>The data included in this document is from www.openstreetmap.org.</p>
<p><strong style="color:#FF0000">Error</strong>: ${error} </p>
</body></html>
`;
const FREE = "Connected as: 1\nRate limit: 2\n2 slots available now.\n";

/** An Overpass service on 127.0.0.1 over a small world. */
export class FakeOverpass {
  readonly log: LoggedRequest[] = [];
  /** Answers that were begun and will not end by themselves. */
  hanging = 0;
  /** Called when a request has come. */
  onRequest: (request: LoggedRequest) => void = () => undefined;
  readonly #options: FakeOverpassOptions;
  readonly #server: Server;
  #underWay = 0;
  #queries = 0;

  private constructor(options: FakeOverpassOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(options: FakeOverpassOptions): Promise<FakeOverpass> {
    const service = new FakeOverpass(options);
    await new Promise<void>((resolve) => service.#server.listen(0, "127.0.0.1", resolve));
    return service;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/interpreter`;
  }

  queries(): LoggedRequest[] {
    return this.log.filter(({ kind }) => kind === "query");
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isStatus = request.url === "/api/status";
    const besides = isStatus ? 0 : this.#underWay++;
    if (!isStatus) response.once("close", () => (this.#underWay -= 1));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const query = new URLSearchParams(Buffer.concat(chunks).toString()).get("data") ?? "";
    const fault = isStatus ? null : (this.#options.fault?.(this.#queries++, query) ?? null);
    const logged: LoggedRequest = {
      kind: isStatus ? "status" : "query",
      atMs: this.#options.clock.monotonicMs(),
      userAgent: request.headers["user-agent"] ?? "",
      query,
      outcome: fault?.kind ?? "answer",
      besides,
    };
    this.log.push(logged);
    this.onRequest(logged);
    if (isStatus) answerStatus(response, this.#options.status?.() ?? FREE);
    else this.#answer(response, fault, answerQuery(this.#options.world, query));
  }

  #answer(response: ServerResponse, fault: OverpassFault | null, answer: string | null): void {
    if (answer === null || fault?.kind === "syntax")
      return void response.writeHead(400).end(PAGE("line 1: parse error: Unknown type &quot;nod&quot; "));
    if (fault === null) return void response.writeHead(200, { "content-type": "application/json" }).end(answer);
    const headers: Record<string, string> =
      "retryAfterS" in fault && fault.retryAfterS !== undefined ? { "retry-after": String(fault.retryAfterS) } : {};
    const half = answer.slice(0, answer.lastIndexOf("}", answer.length * 0.7) + 1);
    if (fault.kind === "quota") response.writeHead(429, headers).end(PAGE("rate_limited. Please check /api/status"));
    else if (fault.kind === "busy")
      response.writeHead(504, headers).end(PAGE("runtime error: The server is probably too busy"));
    else if (fault.kind === "refused") response.writeHead(406).end("Not Acceptable");
    else if (fault.kind === "remark") response.end(GAVE_UP);
    else if (fault.kind === "html") response.end("<html><body>Maintenance</body></html>");
    else if (fault.kind === "truncated") response.end(half);
    else if (fault.kind === "text") response.end(fault.body);
    else if (fault.kind === "redirect") response.writeHead(301, { location: fault.to }).end();
    else if (fault.kind === "cut") cut(response, answer, half);
    else if (fault.kind === "cutChunks") response.write(half, () => response.socket?.end());
    else if (fault.kind === "reset") response.destroy();
    else this.#hang(response, half);
  }

  #hang(response: ServerResponse, half: string): void {
    this.hanging += 1;
    response.once("close", () => (this.hanging -= 1));
    response.write(half);
  }
}

const GAVE_UP = `{ "version": 0.6, "elements": [\n\n],\n"remark": "runtime error: Query timed out in \\"query\\" at line 1 after 2 seconds."\n}\n`;

function answerStatus(response: ServerResponse, status: string | { readonly retryAfterS: number }): void {
  if (typeof status === "string") response.end(status);
  else response.writeHead(429, { "retry-after": String(status.retryAfterS) }).end();
}

function cut(response: ServerResponse, whole: string, half: string): void {
  response.writeHead(200, { "content-length": String(Buffer.byteLength(whole)) });
  response.write(half, () => response.socket?.end());
}
