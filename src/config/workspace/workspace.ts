import { join } from "node:path";
import { TileCache } from "../../cache/index.ts";
import { abortable, TilthError } from "../../core/index.ts";
import { getGrid } from "../../grid/index.ts";
import type { HostStatistics, HostStatus } from "../../net/index.ts";
import { requireBulkAllowed, type TileSource } from "../../source/index.ts";
import { openStore } from "../../store/index.ts";
import type { NamedCache } from "../named_cache.ts";
import { openCaches } from "../open_caches.ts";
import { openOnGrid } from "../open_on_grid.ts";
import type { ResolveSourceOptions } from "../resolve_source.ts";
import type { ServeConfig } from "../serve_config.ts";
import { makeClients, type Clients } from "./clients.ts";
import { dataPath, listDataFiles, makeDataFolder, requireDataName } from "./data_files.ts";
import { newStoreOptions, openLiveCache } from "./live_cache.ts";
import { listOffers, openTrusted, openUntrusted, type SourceOffer } from "./named_source.ts";
import { SharedSources } from "./shared_sources.ts";

export interface WorkspaceOptions {
  /** Archives that are served as they are. */
  files?: readonly string[];
  config?: ServeConfig | null;
  /** Where jobs write; absent: there are none. */
  dataFolder?: string | null;
  /** Hosts that URLs over the network may name: `host`, `host:port`, `*.example.org`. */
  allowHosts?: readonly string[];
  /** CIDR blocks that are allowed although they are private. */
  allowPrivate?: readonly string[];
  signal?: AbortSignal;
}

/** What somebody asks for over the network: checked by a schema before it comes here. */
export interface SourceRequest {
  readonly source: string;
  readonly grid?: string;
  readonly layer?: string;
  readonly style?: string;
  readonly matrixSet?: string;
  readonly resampling?: string;
  readonly format?: string;
  readonly quality?: number;
}

/** Where a job's tiles go and what they come from. Disposing it closes only what was opened for the job. */
export interface SeedTarget extends AsyncDisposable {
  readonly cache: TileCache;
  /** A live cache's name; null for a file of the data folder. */
  readonly liveName: string | null;
  /** Path of the store. */
  readonly location: string;
}

/** A host as it stands, and how it has answered lately. */
export type HostReport = HostStatus & HostStatistics;

/** `store` of a job that fills a live cache itself. */
export const CACHE_PREFIX = "cache:";

/** Everything that a server works on: the caches it publishes, the sources that jobs may name, the clients that fetch. */
export class Workspace implements AsyncDisposable {
  /** As they were opened; whoever publishes them closes them. */
  readonly caches: readonly NamedCache[];
  readonly dataFolder: string | null;
  readonly #config: Pick<ServeConfig, "sources" | "caches">;
  readonly #clients: Clients;
  readonly #live: ReadonlyMap<string, NamedCache>;
  readonly #shared = new SharedSources();

  private constructor(
    caches: readonly NamedCache[],
    dataFolder: string | null,
    config: Pick<ServeConfig, "sources" | "caches">,
    clients: Clients,
  ) {
    this.caches = caches;
    this.dataFolder = dataFolder;
    this.#config = config;
    this.#clients = clients;
    this.#live = new Map(caches.filter(({ cache }) => cache.source !== null).map((live) => [live.name, live]));
  }

  /** Opens all of it, or nothing. @throws `store.*`, `source.*`, `grid.*`, `argument.invalid` */
  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const { files = [], config = null, dataFolder = null, allowHosts = [], allowPrivate, signal } = options;
    const sources = config?.sources ?? {};
    const clients = makeClients({ allowHosts, allowPrivate, hosts: config?.hosts ?? {} });
    const caches: NamedCache[] = [];
    try {
      for (const [name, cache] of Object.entries(config?.caches ?? {}))
        caches.push(await openLiveCache(name, cache, sources, clients, signal));
      if (dataFolder !== null) await makeDataFolder(dataFolder);
      const open = new Set(caches.map(({ cache }) => cache.store.location));
      const own = dataFolder === null ? [] : (await listDataFiles(dataFolder)).filter((path) => !open.has(path));
      const taken = caches.map(({ name }) => name);
      caches.push(...(await openCaches([...files, ...own], signal, taken)));
      return new Workspace(caches, dataFolder, { sources, caches: config?.caches ?? {} }, clients);
    } catch (error) {
      await Promise.allSettled(caches.map(({ cache }) => cache.close()));
      await clients[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What a job may name. */
  listSources(): SourceOffer[] {
    const live = [...this.#live.values()].map(({ name, title, attribution, minZoom, maxZoom, cache }): SourceOffer => {
      const { bulk = "unknown", termsUrl = null } = cache.source?.info ?? {};
      return { name, title, attribution, kind: "cache", bulk, minZoom, maxZoom, termsUrl };
    });
    return [...live, ...listOffers(this.#config.sources).filter(({ name }) => !this.#live.has(name))];
  }

  listHosts(): HostReport[] {
    return this.#clients.trusted.hosts.list().map((host) => ({ ...host.status, ...host.readStatistics() }));
  }

  /** Path of a job's store; null when there is none of that name (any more). */
  locate(store: string): string | null {
    if (store.startsWith(CACHE_PREFIX))
      return this.#live.get(store.slice(CACHE_PREFIX.length))?.cache.store.location ?? null;
    return this.dataFolder === null ? null : join(this.dataFolder, store);
  }

  /** @throws `argument.invalid` for a store that no job of this server can fill; `cache.missing` */
  requireStore(store: string): void {
    if (store.startsWith(CACHE_PREFIX)) this.#liveTarget(store.slice(CACHE_PREFIX.length));
    else requireDataName(store);
  }

  /**
   * Runs `work` on the source that is asked for; kept open for a while. Opening serves whoever asks for the same: the signal ends the wait for it.
   * @throws `source.*`, `grid.*`, `http.*`, `crs.*`, `cancelled`
   */
  async useSource<Result>(
    request: SourceRequest,
    work: (source: TileSource) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const live = this.#live.get(request.source)?.cache.source;
    if (live !== undefined && live !== null && request.grid === undefined) return work(live);
    const { source, grid, layer, style, matrixSet, resampling, format, quality } = request;
    const key = JSON.stringify([source, grid, layer, style, matrixSet, resampling, format, quality]);
    return abortable(
      this.#shared.use(key, () => this.#openSource(request, undefined), work),
      signal,
    );
  }

  /**
   * Opens what a job needs; a file that is not there is made.
   * @throws `source.*` (`source.policy` where the terms forbid a seed), `store.*`, `grid.*`, `argument.invalid`
   */
  async openTarget(request: SourceRequest & { readonly store: string }, signal: AbortSignal): Promise<SeedTarget> {
    const live = request.store.startsWith(CACHE_PREFIX) ? request.store.slice(CACHE_PREFIX.length) : null;
    if (live !== null) return this.#liveTarget(live);
    if (this.dataFolder === null)
      throw new TilthError("argument.invalid", "expected a server with a data folder (--data DIR), got one without");
    const location = await dataPath(this.dataFolder, request.store);
    const writing = [...this.#live.values()].find(({ cache }) => cache.store.location === location);
    if (writing !== undefined) return this.#liveTarget(writing.name);
    return this.#fileTarget(request, location, signal);
  }

  /** Clients and sources; the caches are their publisher's. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared[Symbol.asyncDispose]();
    await this.#clients[Symbol.asyncDispose]();
  }

  #liveTarget(name: string): SeedTarget {
    const cache = this.#live.get(name)?.cache;
    const source = cache?.source ?? null;
    if (cache === undefined || source === null)
      throw new TilthError(
        "cache.missing",
        `there is no cache '${name.slice(0, 80)}' with a source here; those that there are stand in /api/sources`,
      );
    requireBulkAllowed(source.info);
    // Store and source stay open for those who look at the map.
    return { cache, liveName: name, location: cache.store.location, [Symbol.asyncDispose]: async () => undefined };
  }

  async #fileTarget(request: SourceRequest, location: string, signal: AbortSignal): Promise<SeedTarget> {
    const source = await this.#openSource(request, signal);
    try {
      requireBulkAllowed(source.info);
      const store = await openStore(location, { mode: "write", ...newStoreOptions(source), signal });
      const cache = new TileCache({ store, source });
      return { cache, liveName: null, location, [Symbol.asyncDispose]: () => cache.close() };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  async #openSource(request: SourceRequest, signal: AbortSignal | undefined): Promise<TileSource> {
    const { source, grid, layer, style, matrixSet, resampling, format, quality } = request;
    // By name or code only: what comes over the network must not name a file.
    const target = grid === undefined ? null : getGrid(grid);
    const asked = format === "mixed" ? undefined : format;
    const options: ResolveSourceOptions = { signal, layer, style, matrixSet, format: asked };
    const configured = this.#live.has(source) ? this.#config.caches[source]?.source : undefined;
    const open = (spec: string, more: ResolveSourceOptions): Promise<TileSource> =>
      configured === undefined
        ? openUntrusted(spec, this.#config.sources, this.#clients, more)
        : openTrusted(configured, this.#config.sources, this.#clients, more);
    return openOnGrid(open, source, options, target, { resampling, format, quality });
  }
}
