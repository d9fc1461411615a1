import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isTilthError } from "../../core/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import { nameInAddress } from "../address_schema.ts";
import { answerTile, type TileAnswerOptions } from "../answer_tile.ts";
import { baseUrlOf } from "../base_url.ts";
import { matrixSetName } from "../matrix_set_names.ts";
import type { CacheRegistry, ServedCache } from "../served_cache.ts";
import { layerFormat, listLayers, wmtsCapabilities } from "../wmts/capabilities.ts";
import { sendException, WmtsError } from "../wmts/exception.ts";

export interface WmtsRouteOptions extends TileAnswerOptions {
  registry: CacheRegistry;
}

/** What names a tile, as the client wrote it. */
interface TileRequestText {
  layer: string;
  style: string;
  set: string;
  matrix: string;
  row: string;
  column: string;
  /** Media type; null where none is asked for. */
  format?: string | null;
}

const parameter = (words: string) => z.unknown().optional().describe(words);

/** What is wrong with a value is told by an exception report of WMTS, not by a schema. Names are taken in any case. */
const KVP = {
  tags: ["wmts"],
  summary: "WMTS 1.0.0 with key-value pairs",
  querystring: z.looseObject({
    SERVICE: parameter("WMTS"),
    REQUEST: parameter("GetCapabilities or GetTile"),
    VERSION: parameter("1.0.0"),
    LAYER: parameter("name of a cache"),
    STYLE: parameter("default"),
    FORMAT: parameter("media type of the layer"),
    TILEMATRIXSET: parameter("of the layer"),
    TILEMATRIX: parameter("one of the set"),
    TILEROW: parameter("from the top"),
    TILECOL: parameter("from the left"),
  }),
};
const REST = {
  tags: ["wmts"],
  summary: "A tile of WMTS 1.0.0 by its path",
  params: z.object({
    layer: nameInAddress,
    style: nameInAddress,
    set: nameInAddress,
    matrix: nameInAddress,
    row: nameInAddress,
    column: nameInAddress,
  }),
};

/** WMTS 1.0.0 (OGC 07-057r7): `/wmts` with key-value pairs, `/wmts/1.0.0/WMTSCapabilities.xml` and `/wmts/rest/...` with paths. */
export function addWmtsRoutes(app: FastifyInstance, options: WmtsRouteOptions): void {
  const sendCapabilities = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.type("application/xml").send(wmtsCapabilities(options.registry.list(), baseUrlOf(request)));
  const capabilities = { schema: { tags: ["wmts"], summary: "Capabilities of WMTS 1.0.0" } };
  app.get("/wmts/1.0.0/WMTSCapabilities.xml", capabilities, async (request, reply) => sendCapabilities(request, reply));
  app.get<{ Querystring: Record<string, unknown> }>("/wmts", { schema: KVP }, async (request, reply) => {
    const get = parameters(request.query);
    return answer(reply, async () => {
      if (get("SERVICE").toUpperCase() !== "WMTS")
        throw new WmtsError("InvalidParameterValue", "SERVICE", "expected SERVICE=WMTS");
      const operation = get("REQUEST").toLowerCase();
      if (operation === "getcapabilities") return sendCapabilities(request, reply);
      if (operation !== "gettile")
        throw new WmtsError("OperationNotSupported", "REQUEST", "expected GetCapabilities or GetTile");
      requireVersion(request.query);
      const [layer, style, set, matrix] = [get("LAYER"), get("STYLE"), get("TILEMATRIXSET"), get("TILEMATRIX")];
      const format = optional(request.query, "FORMAT");
      const wanted = { layer, style, set, matrix, row: get("TILEROW"), column: get("TILECOL"), format };
      return sendWmtsTile(request, reply, wanted, options);
    });
  });
  app.get<{ Params: TileRequestText }>(
    "/wmts/rest/:layer/:style/:set/:matrix/:row/:column",
    { schema: REST },
    async (request, reply) =>
      answer(reply, async () => {
        const column = request.params.column.replace(/\.[a-z]{2,5}$/i, "");
        return sendWmtsTile(request, reply, { ...request.params, column }, options);
      }),
  );
}

async function answer(reply: FastifyReply, make: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof WmtsError) return sendException(reply, error);
    // 404 as everywhere, in the words of WMTS.
    if (isTilthError(error, "tile.missing"))
      return sendException(reply, new WmtsError("NoApplicableCode", "TILEROW", error.message), 404);
    throw error;
  }
}

/** Reads a parameter, whatever the case of its name. STYLE may be empty or absent, as it is with many clients. */
function parameters(query: Record<string, unknown>): (name: string) => string {
  const known = new Map(Object.entries(query).map(([name, value]) => [name.toUpperCase(), value]));
  return (name) => {
    const value = known.get(name);
    if (typeof value === "string" && (value !== "" || name === "STYLE")) return value;
    if (name === "STYLE" && value === undefined) return "";
    throw new WmtsError("MissingParameterValue", name, `expected ${name} once, with a value`);
  };
}

/** Null where it is not there, or empty. */
function optional(query: Record<string, unknown>, name: string): string | null {
  const value = Object.entries(query).find(([key]) => key.toUpperCase() === name)?.[1];
  return typeof value === "string" && value !== "" ? value : null;
}

/** The only one that there is; many clients leave it out. */
function requireVersion(query: Record<string, unknown>): void {
  const version = optional(query, "VERSION") ?? "1.0.0";
  if (version !== "1.0.0") throw invalid("VERSION", "1.0.0", version);
}

async function sendWmtsTile(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: TileRequestText,
  options: WmtsRouteOptions,
): Promise<FastifyReply> {
  const layers = listLayers(options.registry.list());
  const layer = layers.find(({ name }) => name === wanted.layer);
  if (layer === undefined) throw invalid("LAYER", "a layer of the capabilities", wanted.layer);
  const tile = readAddress(layer, layers, wanted);
  return options.registry.use(layer.name, async (served) => answerTile(request, reply, served, tile, options));
}

function readAddress(layer: ServedCache, layers: readonly ServedCache[], wanted: TileRequestText): TileCoord {
  const { grid } = layer.cache.store;
  if (!["", "default"].includes(wanted.style)) throw invalid("STYLE", "default", wanted.style);
  const format = wanted.format ?? layerFormat(layer);
  if (format.toLowerCase() !== layerFormat(layer)) throw invalid("FORMAT", layerFormat(layer), format);
  const set = matrixSetName(layer, layers);
  if (wanted.set !== set) throw invalid("TILEMATRIXSET", set, wanted.set);
  const z = grid.matrices.findIndex(({ id }) => id === wanted.matrix);
  if (z < 0) throw invalid("TILEMATRIX", `a matrix of ${set}`, wanted.matrix);
  const [y, x] = [readNumber("TILEROW", wanted.row), readNumber("TILECOL", wanted.column)];
  if (grid.hasTile({ z, x, y })) return { z, x, y };
  const { matrixWidth, matrixHeight } = grid.getMatrix(z);
  const locator = y < matrixHeight ? "TILECOL" : "TILEROW";
  const message = `expected TILEROW within 0-${matrixHeight - 1} and TILECOL within 0-${matrixWidth - 1}, got ${y} and ${x}`;
  throw new WmtsError("TileOutOfRange", locator, message);
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw invalid(name, "a whole number", text);
}

function invalid(name: string, expected: string, got: string): WmtsError {
  return new WmtsError("InvalidParameterValue", name, `expected ${name} to be ${expected}, got '${got.slice(0, 100)}'`);
}
