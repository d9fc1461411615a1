import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** A year: the names of assets hold a hash of what is in them. */
const ASSET_MAX_AGE_MS = 365 * 86_400_000;

const NO_PAGE = `Tilth: tiles are at /tiles/{cache}/{z}/{x}/{y}, see /ogc and /openapi.json.
The map page is not built: 'npm run viewer' in Tilth's folder builds it; then start the server again.
`;

/** The page for people at `/`, and its assets. @param folder of the built page; null when it was not built */
export async function addPageRoutes(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null || !existsSync(join(folder, "index.html"))) {
    app.get("/", { config: { need: "nothing" }, schema: { hide: true } }, async (_request, reply) =>
      reply.type("text/plain; charset=utf-8").send(NO_PAGE),
    );
    return;
  }
  const sent = { config: { need: "nothing" as const }, schema: { hide: true } };
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    index: false,
    // The page must be asked for again after an update; what it names has new names then.
    cacheControl: false,
  });
  app.get("/", sent, async (_request, reply) => reply.header("cache-control", "no-cache").sendFile("index.html"));
  app.get<{ Params: { "*": string } }>("/assets/*", sent, async (request, reply) =>
    reply
      .header("cache-control", `public, max-age=${ASSET_MAX_AGE_MS / 1000}, immutable`)
      .sendFile(join("assets", request.params["*"])),
  );
}
