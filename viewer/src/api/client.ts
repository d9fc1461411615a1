import type { Cache, Coverage, Crs, CrsName, GridName, Host, Source, Status, TileInfo } from "./types.ts";
import type { Seed, SeedAction, SeedDetail } from "./cluster_types.ts";
import type { Estimate, FailedRun, Job, JobAction, JobRequest } from "./job_types.ts";

/** An answer that is no success. `message` may be shown to people. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface ClientOptions {
  /** @default the browser's */
  fetch?: typeof fetch;
  /** Called for every answer that asks for a token. */
  onUnauthorized?: () => void;
}

interface Call {
  body?: unknown;
  method?: string;
  signal?: AbortSignal;
}

/** Time for an answer, ms. Stopping a job waits for what is under way. */
const TIMEOUT_MS = 60_000;

/** The tiles from `minX`, `minY` to `maxX`, `maxY`, inclusive. */
export interface TileRange {
  z: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** The requests under `/api`. All of them reject with `ApiError`, or with the signal's reason. */
export class ApiClient {
  readonly #fetch: typeof fetch;
  readonly #onUnauthorized: () => void;

  constructor(options: ClientOptions = {}) {
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#onUnauthorized = options.onUnauthorized ?? (() => undefined);
  }

  status = (): Promise<Status> => this.#call("status");
  caches = async (): Promise<Cache[]> => (await this.#call<{ caches: Cache[] }>("caches")).caches;
  sources = async (): Promise<Source[]> => (await this.#call<{ sources: Source[] }>("sources")).sources;
  grids = async (): Promise<GridName[]> => (await this.#call<{ grids: GridName[] }>("grids")).grids;
  hosts = async (): Promise<Host[]> => (await this.#call<{ hosts: Host[] }>("hosts")).hosts;
  jobs = async (): Promise<Job[]> => (await this.#call<{ jobs: Job[] }>("jobs?limit=100")).jobs;
  crs = (code: string): Promise<Crs> => this.#call(`crs/${encodeURIComponent(code)}`);

  async findCrs(query: string, signal?: AbortSignal): Promise<CrsName[]> {
    const path = `crs?limit=20&query=${encodeURIComponent(query)}`;
    return (await this.#call<{ systems: CrsName[] }>(path, { signal })).systems;
  }

  coverage(cache: string, range: TileRange, signal?: AbortSignal): Promise<Coverage> {
    const { z, minX, minY, maxX, maxY } = range;
    const path = `caches/${encodeURIComponent(cache)}/coverage/${z}?minX=${minX}&minY=${minY}&maxX=${maxX}&maxY=${maxY}`;
    return this.#call(path, { signal });
  }

  tile(cache: string, tile: { z: number; x: number; y: number }, signal?: AbortSignal): Promise<TileInfo> {
    return this.#call(`caches/${encodeURIComponent(cache)}/tiles/${tile.z}/${tile.x}/${tile.y}`, { signal });
  }

  /** A sample asks the source for a few tiles, which takes seconds; without one the tiles are only counted. */
  estimate(request: JobRequest, sample: boolean, signal?: AbortSignal): Promise<Estimate> {
    return this.#call("estimate", { method: "POST", body: { ...request, sample }, signal });
  }

  createJob = (request: JobRequest): Promise<Job> => this.#call("jobs", { method: "POST", body: request });

  actOnJob(id: string, action: Exclude<JobAction, "remove">): Promise<Job> {
    return this.#call(`jobs/${encodeURIComponent(id)}/${action}`, { method: "POST" });
  }

  removeJob = (id: string): Promise<void> => this.#call(`jobs/${encodeURIComponent(id)}`, { method: "DELETE" });

  failedTiles(id: string, after: number): Promise<{ failed: FailedRun[]; next: number | null }> {
    return this.#call(`jobs/${encodeURIComponent(id)}/failed?limit=50&after=${after}`);
  }

  seeds = async (): Promise<Seed[]> => (await this.#call<{ seeds: Seed[] }>("cluster/seeds?limit=100")).seeds;
  seed = (id: string): Promise<SeedDetail> => this.#call(`cluster/seeds/${encodeURIComponent(id)}`);

  actOnSeed(id: string, action: SeedAction): Promise<SeedDetail> {
    return this.#call(`cluster/seeds/${encodeURIComponent(id)}/${action}`, { method: "POST" });
  }

  signIn = (token: string): Promise<void> => this.#call("session", { method: "POST", body: { token } });
  signOut = (): Promise<void> => this.#call("session", { method: "DELETE" });

  async #call<Result>(path: string, call: Call = {}): Promise<Result> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await this.#fetch(`api/${path}`, {
      method: call.method ?? "GET",
      signal: call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]),
      ...(call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { "content-type": "application/json" } }),
    });
    if (answer.status === 401 && path !== "session") this.#onUnauthorized();
    if (!answer.ok) throw await readError(answer);
    return (answer.status === 204 ? undefined : await answer.json()) as Result;
  }
}

async function readError(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => null);
  const { code, message } = (body as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  return new ApiError(answer.status, code ?? "http.status", message ?? `the server answered ${answer.status}`);
}
