import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";

const DESCRIPTION = "Map tiles, jobs and what is known of them.";

/** How a client says who it is, where the server asks for tokens; without them nothing is asked. */
const SECURITY = {
  bearer: { type: "http", scheme: "bearer", description: "The operator's or the reader's token." },
  basic: { type: "http", scheme: "basic", description: "The token as the password, any name." },
  session: { type: "apiKey", in: "cookie", name: "tilth_session", description: "Made by POST /api/session." },
} as const;

const ERROR_SCHEMA = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
} as const;

/** What any route may answer, whatever else it does. */
const REFUSALS: Readonly<Record<string, string>> = {
  400: "The request cannot be used; the message says what was expected.",
  401: "A token is missing or wrong.",
  403: "The token is the reader's, or the request is one of another page.",
  413: "The body is larger than 1 MiB.",
  429: "The address asks too often.",
};

interface Operation {
  responses?: Record<string, unknown>;
  requestBody?: unknown;
}

/** Describes every route that is added from here on, by its schemas, as OpenAPI 3.1. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  const info = { title: "Tilth", version, description: DESCRIPTION };
  const security = [{}, ...Object.keys(SECURITY).map((name) => ({ [name]: [] }))];
  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info, components: { securitySchemes: SECURITY }, security },
    transform: jsonSchemaTransform,
    transformObject: (documents) => {
      if (!("openapiObject" in documents)) return documents.swaggerObject;
      for (const item of Object.values(documents.openapiObject.paths ?? {}))
        for (const operation of Object.values(item ?? {})) addRefusals(operation as Operation);
      return documents.openapiObject;
    },
  });
}

function addRefusals(operation: Operation): void {
  const own = operation.responses ?? {};
  const common = Object.entries(REFUSALS)
    .filter(([status]) => own[status] === undefined && (status !== "413" || operation.requestBody !== undefined))
    .map(([status, description]) => [
      status,
      { description, content: { "application/json": { schema: ERROR_SCHEMA } } },
    ]);
  operation.responses = { ...own, ...Object.fromEntries(common) };
}
