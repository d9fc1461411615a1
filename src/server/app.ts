import compress from "@fastify/compress";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import { fastify, type FastifyInstance } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import type { Workspace } from "../config/index.ts";
import { silentLogger, systemClock, type Clock, type Logger } from "../core/index.ts";
import { Access } from "./access/access.ts";
import { TokenTries } from "./access/token_tries.ts";
import type { Tokens } from "./access/tokens.ts";
import type { MissingTile, TileAnswerOptions } from "./answer_tile.ts";
import { checkAddresses } from "./address_schema.ts";
import { ServedCluster, type ServedBook } from "./cluster/served_cluster.ts";
import { answerClientError } from "./client_error.ts";
import { addPreflightRoute, allowOtherOrigins, tellOtherOriginsWhy } from "./cross_origin.ts";
import type { ApiContext, ApiServer, JobRoom } from "./context.ts";
import { describeRoutes } from "./describe_server.ts";
import { makeErrorHandler } from "./error_response.ts";
import { addCacheRoutes } from "./routes/api_caches.ts";
import { addClusterRoutes } from "./routes/api_cluster.ts";
import { addEstimateRoute } from "./routes/api_estimate.ts";
import { addJobRoutes } from "./routes/api_jobs.ts";
import { addStatusRoutes } from "./routes/api_status.ts";
import { addEventRoute } from "./routes/events.ts";
import { RequestMeter } from "./metrics/request_meter.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addOgcRoutes } from "./routes/ogc_tiles.ts";
import { addPageRoutes } from "./routes/page.ts";
import { addSessionRoutes } from "./routes/session.ts";
import { addSourceTileRoute } from "./routes/source_tiles.ts";
import { addTileJsonRoute } from "./routes/tilejson.ts";
import { addTileRoutes } from "./routes/tiles.ts";
import { addWmtsRoutes } from "./routes/wmts.ts";
import type { CacheRegistry } from "./served_cache.ts";
import { requireShallowBody } from "./shallow_body.ts";
import { requireProxies } from "./trusted_proxies.ts";

export interface ServerOptions {
  registry: CacheRegistry;
  /** What is answered where there is no tile. @default "404" */
  missingTile?: MissingTile;
  /** Seconds for which clients keep a tile without asking. @default 300 */
  tileMaxAgeS?: number;
  /** Below the deepest level of a cache tiles are cut out of the level above. @default true */
  enlarge?: boolean;
  /** Sources and hosts; absent: nothing is fetched. */
  workspace?: Workspace | null;
  /** Absent: there are no jobs. */
  jobs?: JobRoom | null;
  /** Books of a cluster, to be shown and steered; they stay open. */
  cluster?: ServedBook | null;
  /** Who may come; absent: everybody who reaches the server is its operator. */
  tokens?: Tokens | null;
  /** Requests a minute from one address; tiles count on their own, unlimited when null. */
  limits?: Partial<RateLimits>;
  /** Addresses, blocks (`10.0.0.0/8`) or `loopback` of proxies whose `X-Forwarded-*` headers are believed. @default nobody's */
  trustProxy?: readonly string[];
  /** Folder of the built page; absent: a line that says where the tiles are. */
  pageFolder?: string | null;
  version?: string;
  clock?: Clock;
  logger?: Logger;
}

export interface RateLimits {
  /** Of everything but tiles. @default 3000 */
  readonly perMinute: number;
  /** @default null */
  readonly tilesPerMinute: number | null;
  /** Wrong tokens, on the page and in headers. @default 10 */
  readonly signInsPerMinute: number;
}

/** Bytes of a request body: a coverage of 20,000 corners is about 0.8 MB. */
const MAX_BODY_BYTES = 1_048_576;
/** Time for a request to arrive, ms. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Characters of one part of a path. */
const MAX_PARAMETER_CHARS = 300;
/** Bytes below which a document is not worth compressing. */
const COMPRESS_FROM_BYTES = 1024;
const DEFAULT_PER_MINUTE = 3000;
const DEFAULT_SIGN_INS_PER_MINUTE = 10;
/** Addresses that are counted. */
const MAX_ADDRESSES = 10_000;
const MINUTE_MS = 60_000;

/** The server's routes, not yet listening. Tiles go out as they rest: only documents are compressed. */
export async function createApp(options: ServerOptions): Promise<FastifyInstance> {
  const { registry, logger = silentLogger, limits = {} } = options;
  const { clock = systemClock } = options;
  const tries = new TokenTries({ perMinute: limits.signInsPerMinute ?? DEFAULT_SIGN_INS_PER_MINUTE, clock });
  const access = new Access(options.tokens ?? null, tries);
  const app = makeServer(logger, options.trustProxy ?? []);
  // Of everything, tiles and refusals as well: what is no script is not to be taken for one.
  app.addHook("onRequest", async (_request, reply) => void reply.header("x-content-type-options", "nosniff"));
  access.guard(app);
  tellOtherOriginsWhy(app);
  const meter = new RequestMeter();
  meter.watch(app);
  const answers = { ...answerOptions(options), onTile: meter.countTile };
  const context = { ...contextOf(options, access), meter };
  await describeRoutes(app, options.version ?? "0");
  await app.register(async (tiles) => {
    if (limits.tilesPerMinute) await limitRate(tiles, limits.tilesPerMinute);
    allowOtherOrigins(tiles);
    addTileRoutes(tiles, { registry, ...answers });
  });
  addPreflightRoute(app);
  await app.register(async (documents) => {
    await limitRate(documents, limits.perMinute ?? DEFAULT_PER_MINUTE);
    await addHeaders(documents);
    await documents.register(compress, { threshold: COMPRESS_FROM_BYTES });
    addDescription(documents);
    documents.addHook("preValidation", async ({ body }) => requireShallowBody(body));
    await documents.register(async (open) => {
      allowOtherOrigins(open);
      checkAddresses(open);
      addHealthRoutes(open, registry);
      addTileJsonRoute(open, registry);
      addWmtsRoutes(open, { registry, ...answers });
      addOgcRoutes(open, { registry, ...answers });
    });
    addApi(documents.withTypeProvider(), context, limits.signInsPerMinute ?? DEFAULT_SIGN_INS_PER_MINUTE);
    addMetricsRoute(documents, context, meter);
    await addPageRoutes(documents, options.pageFolder ?? null);
  });
  return app;
}

function makeServer(logger: Logger, trustProxy: readonly string[]): FastifyInstance {
  const onError = makeErrorHandler(logger);
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARS },
    // Behind a proxy an address is only what the proxy says; nobody is believed unless told so.
    trustProxy: requireProxies(trustProxy),
    logger: false,
    // What is wrong before a route is found.
    frameworkErrors: (error, request, reply) => void onError(error, request, reply),
    clientErrorHandler: answerClientError,
  });
  // A form of somebody else's page can send text without asking; JSON it cannot.
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler(onError);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: "http.notFound", message: "there is nothing at this address; see /" } }),
  );
  return app;
}

function answerOptions({ missingTile, tileMaxAgeS, enlarge }: ServerOptions): TileAnswerOptions {
  return { missing: missingTile, maxAgeS: tileMaxAgeS, enlarge };
}

function contextOf(options: ServerOptions, access: Access): Omit<ApiContext, "meter"> {
  const { registry, workspace = null, jobs = null, version = "0" } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const cluster = options.cluster ? new ServedCluster(options.cluster, clock) : null;
  return { registry, workspace, jobs, cluster, access, version, clock, logger };
}

async function limitRate(app: FastifyInstance, max: number): Promise<void> {
  await app.register(rateLimit, { max, timeWindow: MINUTE_MS, cache: MAX_ADDRESSES });
}

async function addHeaders(app: FastifyInstance): Promise<void> {
  const own = ["'self'"];
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: own,
        imgSrc: [...own, "data:", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: own,
        frameAncestors: own,
      },
    },
    hsts: false,
  });
}

/** `/openapi.json`, made out of the schemas of the routes. */
function addDescription(app: FastifyInstance): void {
  app.setValidatorCompiler(validatorCompiler);
  // Answers are what the schemas say by their types; checking each again would make a slip of ours a failure of the user's.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

function addApi(app: ApiServer, context: ApiContext, signInsPerMinute: number): void {
  addSessionRoutes(app, context, signInsPerMinute);
  addStatusRoutes(app, context);
  addCacheRoutes(app, context);
  addSourceTileRoute(app, context);
  addEstimateRoute(app, context);
  addJobRoutes(app, context);
  addClusterRoutes(app, context);
  addEventRoute(app, context);
}
