import compress from "@fastify/compress";
import helmet from "@fastify/helmet";
import { fastify, type FastifyInstance } from "fastify";
import { silentLogger, type Logger } from "../core/index.ts";
import { makeErrorHandler } from "./error_response.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addOgcRoutes } from "./routes/ogc_tiles.ts";
import { addTileJsonRoute } from "./routes/tilejson.ts";
import { addTileRoutes } from "./routes/tiles.ts";
import { addWmtsRoutes } from "./routes/wmts.ts";
import type { MissingTile } from "./answer_tile.ts";
import type { CacheRegistry } from "./served_cache.ts";

export interface ServerOptions {
  registry: CacheRegistry;
  /** What is answered where there is no tile. @default "404" */
  missingTile?: MissingTile;
  /** Seconds for which clients keep a tile without asking. @default 300 */
  tileMaxAgeS?: number;
  logger?: Logger;
}

/** Bytes of a request body. */
const MAX_BODY_BYTES = 1_048_576;
/** Time for a request to arrive, ms. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Characters of one part of a path. */
const MAX_PARAMETER_CHARS = 300;
/** Bytes below which a document is not worth compressing. */
const COMPRESS_FROM_BYTES = 1024;

/** The server's routes, not yet listening. Tiles go out as they rest: only documents are compressed. */
export async function createApp(options: ServerOptions): Promise<FastifyInstance> {
  const { registry, logger = silentLogger } = options;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARS },
    // Behind a proxy an address is only what the proxy says; nobody is believed unless told so.
    trustProxy: false,
    logger: false,
  });
  app.setErrorHandler(makeErrorHandler(logger));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: "http.notFound", message: "there is nothing at this address; see /" } }),
  );
  addTileRoutes(app, { registry, missing: options.missingTile, maxAgeS: options.tileMaxAgeS });
  await app.register(async (documents) => {
    await documents.register(helmet, {
      contentSecurityPolicy: { directives: { defaultSrc: ["'self'"] } },
      hsts: false,
    });
    await documents.register(compress, { threshold: COMPRESS_FROM_BYTES });
    addHealthRoutes(documents, registry);
    addTileJsonRoute(documents, registry);
    const answers = { registry, missing: options.missingTile, maxAgeS: options.tileMaxAgeS };
    addWmtsRoutes(documents, answers);
    addOgcRoutes(documents, answers);
  });
  return app;
}
