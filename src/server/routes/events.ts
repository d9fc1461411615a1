import type { ServerResponse } from "node:http";
import { z } from "zod";
import { TilthError } from "../../core/index.ts";
import { jobView } from "../api/job_view.ts";
import { cacheOfStore, type ApiContext, type ApiServer } from "../context.ts";
import type { JobEvent } from "../jobs/job.ts";

/** Proxies cut a line on which nothing comes for 30 to 60 s. */
const KEEP_ALIVE_MS = 15_000;

/** Bytes that wait for a watcher who does not read; then it is cut off and comes back by itself. */
const MAX_WAITING_BYTES = 1_048_576;

/** All that may watch at once, so that an address that opens lines without end does not take them from others. */
const MAX_WATCHERS = 1000;
const MAX_OF_ADDRESS = 100;

/** Changes of jobs and caches as server-sent events (WHATWG HTML, 9.2). */
export function addEventRoute(app: ApiServer, context: ApiContext): void {
  /** By whom each line is held. */
  const open = new Map<ServerResponse, string>();
  app.addHook("preClose", async () => {
    // Ended alone, the line would stay for its client's next request and hold the server up.
    for (const response of open.keys()) response.end(() => response.destroy());
  });
  const after = z.object({ after: z.coerce.number().int().min(0).optional() });
  app.get("/api/events", { schema: { querystring: after, hide: false } }, async (request, reply) => {
    const lastId = Number(request.headers["last-event-id"] ?? request.query.after ?? Number.NaN);
    const afterId = Number.isSafeInteger(lastId) && lastId >= 0 ? lastId : undefined;
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };
    // Whoever asks for the head alone would wait for its end, which never comes.
    if (request.method === "HEAD") return reply.headers(headers).send();
    requireRoom([...open.values()], request.ip);
    const response = reply.raw;
    reply.hijack();
    response.writeHead(200, { ...headers, connection: "keep-alive" });
    open.set(response, request.ip);
    response.once("close", () => open.delete(response));
    watch(context, response, afterId);
  });
}

/** @throws `request.tooMany`, `job.tooMany` */
function requireRoom(addresses: readonly string[], address: string): void {
  if (addresses.filter((one) => one === address).length >= MAX_OF_ADDRESS)
    throw new TilthError("request.tooMany", `expected at most ${MAX_OF_ADDRESS} watchers of one address; close some`);
  if (addresses.length >= MAX_WATCHERS)
    throw new TilthError("job.tooMany", `expected at most ${MAX_WATCHERS} watchers; come back in a minute`);
}

/** Without a data folder there are no jobs, and only changes of the caches are told. */
function watch(context: ApiContext, response: ServerResponse, afterId: number | undefined): void {
  const stream = new EventStream(response, (event) => describe(context, event));
  const manager = context.jobs?.manager;
  try {
    stream.begin(afterId, manager?.lastEventId ?? 0);
    if (manager !== undefined) stream.onClose(manager.subscribe((event) => stream.tell(event), { afterId }));
    stream.onClose(context.registry.onChange(() => stream.tellCaches()));
    stream.keepOpen();
  } catch (error) {
    context.logger.warn("Events:Refused", { error });
    response.end();
  }
}

function describe(context: ApiContext, { id, job, removed }: JobEvent): string {
  if (removed) return frame("removed", { id: job.id }, id);
  return frame(
    "job",
    jobView(job, (store) => cacheOfStore(context, store)),
    id,
  );
}

function frame(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** One watcher's line. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #describe: (event: JobEvent) => string;
  #next = 0;

  constructor(response: ServerResponse, describeEvent: (event: JobEvent) => string) {
    this.#response = response;
    this.#describe = describeEvent;
  }

  /** Tells where the watcher stands, so that it can come back also when nothing happens now. */
  begin(afterId: number | undefined, lastId: number): void {
    this.#next = (afterId ?? lastId) + 1;
    // The head goes out with the first bytes: until then a browser counts the line as not open.
    this.#write(": hello\n\n");
    if (afterId === undefined) this.#write(frame("ready", {}, lastId));
    // Ids that were never given out: another data folder.
    else if (afterId > lastId) this.#reset(lastId);
  }

  tell(event: JobEvent): void {
    if (event.id > this.#next) this.#reset(event.id - 1);
    this.#next = event.id + 1;
    this.#write(this.#describe(event));
  }

  /** Has no id: what a watcher missed of it, it reads when it comes back. */
  tellCaches(): void {
    this.#write(frame("caches", {}));
  }

  onClose(end: () => void): void {
    this.#response.once("close", end);
  }

  keepOpen(): void {
    const timer = setInterval(() => this.#write(": still here\n\n"), KEEP_ALIVE_MS);
    this.onClose(() => clearInterval(timer));
  }

  #reset(lastId: number): void {
    this.#next = lastId + 1;
    this.#write(frame("reset", {}, lastId));
  }

  /** Nothing once the line has ended: jobs and caches tell of their own end while the server closes, and a write then ends the process. */
  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > MAX_WAITING_BYTES) this.#response.destroy();
    else this.#response.write(text);
  }
}
