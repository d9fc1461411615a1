import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { HttpClient, type HttpClientOptions } from "../../src/net/index.ts";

/** One answer of the script. A function writes to the response itself: it may hang, trickle or break the connection. */
export type LoopbackAnswer =
  | { status?: number; headers?: Record<string, string>; body?: Uint8Array | string }
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** What a request was, in lower-case header names. */
export interface RecordedRequest {
  path: string;
  headers: IncomingMessage["headers"];
}

/** An origin on 127.0.0.1 that answers by a script and remembers who asked for what. */
export class Loopback {
  readonly requests: RecordedRequest[] = [];
  /** Requests that no script entry was left for. */
  readonly unexpected: string[] = [];
  readonly #script = new Map<string, LoopbackAnswer[]>();
  readonly #server: Server;
  #fallback: LoopbackAnswer | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Loopback> {
    const server = createServer((request, response) => loopback.#answer(request, response));
    const loopback = new Loopback(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return loopback;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  /** Answers for a path with its query, one a request; the last one stays. */
  on(path: string, ...answers: LoopbackAnswer[]): this {
    this.#script.set(path, answers);
    return this;
  }

  /** Answers every path that has no answers of its own. */
  onAny(answer: LoopbackAnswer): this {
    this.#fallback = answer;
    return this;
  }

  paths(): string[] {
    return this.requests.map((request) => request.path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    this.requests.push({ path, headers: request.headers });
    const answers = this.#script.get(path);
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : (answers?.[0] ?? this.#fallback);
    if (answer === undefined) {
      this.unexpected.push(path);
      response.writeHead(418).end();
    } else if (typeof answer === "function") answer(response, request);
    else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  }
}

export interface LoopbackKit {
  origin: () => Promise<Loopback>;
  /** A client of its own, without the proxy of the environment. */
  client: (options?: HttpClientOptions) => HttpClient;
}

/** Origins and clients that are closed after each test; a request that the script did not expect fails the test. */
export function useLoopback(): LoopbackKit {
  let origins: Loopback[] = [];
  let clients: HttpClient[] = [];
  afterEach(async () => {
    const [opened, used] = [origins, clients];
    [origins, clients] = [[], []];
    await Promise.all(used.map((client) => client.close()));
    await Promise.all(opened.map((origin) => origin.close()));
    const unexpected = opened.flatMap((origin) => origin.unexpected);
    if (unexpected.length > 0) throw new Error(`requests that no test expected: ${unexpected.join(", ")}`);
  });
  return {
    origin: async () => {
      const made = await Loopback.start();
      origins.push(made);
      return made;
    },
    client: (options) => {
      const made = new HttpClient({ proxyFromEnvironment: false, ...options });
      clients.push(made);
      return made;
    },
  };
}

/** Promises more bytes than it sends, then closes the connection. */
export function cutShort(body: Uint8Array | string, promisedBytes: number): LoopbackAnswer {
  return (response) => {
    response.writeHead(200, { "content-length": String(promisedBytes) });
    response.write(body, () => response.socket?.end());
  };
}
