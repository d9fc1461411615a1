import { resolve } from "node:path";
import {
  addUserSource,
  findUserSource,
  listUserSources,
  requireNoPlainSecrets,
  userCataloguePath,
  type NamedSource,
} from "../config/index.ts";
import { parseDurationMs, TilthError } from "../core/index.ts";
import { HttpClient } from "../net/index.ts";
import {
  chooseLayers,
  describeService,
  findCatalogueEntry,
  listCatalogue,
  openServiceSource,
  openSource,
  summarizeService,
  type CatalogueEntry,
  type OpenSourceOptions,
} from "../source/index.ts";
import { EXIT } from "./exit_codes.ts";
import { formatService } from "./source_text.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

/** What `tilth sources` was given, not yet looked at. */
export interface SourcesArguments {
  name?: string;
  layer?: string;
  style?: string;
  matrixSet?: string;
  format?: string;
  dimension: Record<string, string>;
  header: Record<string, string>;
  timeout: string;
  userAgent?: string;
}

type Options = SourcesArguments & GlobalOptions;

/** @throws `argument.invalid` for an action that is none, or without a target */
export async function runSources(action: string, target: string | undefined, options: Options): Promise<number> {
  if (action === "list" && target === undefined) return listSources(options);
  if (action !== "show" && action !== "add")
    throw new TilthError(
      "argument.invalid",
      `expected 'list', 'show NAME|URL|FILE' or 'add URL|FILE', got '${action}'`,
    );
  if (target === undefined)
    throw new TilthError("argument.invalid", `expected the name, URL or file of a source after '${action}', got none`);
  using stop = listenForStop((text) => new Terminal(options).say(text));
  const client = new HttpClient({ userAgent: options.userAgent });
  try {
    const run = action === "show" ? showSource : addSource;
    return await run(target, options, openOptions(options, client, stop.signal));
  } finally {
    await client.close();
  }
}

function openOptions(options: Options, client: HttpClient, signal: AbortSignal): OpenSourceOptions {
  const { layer, style, matrixSet, format, dimension, header } = options;
  const timeoutMs = parseDurationMs(options.timeout);
  return { client, signal, layer, style, matrixSet, format, dimensions: dimension, headers: header, timeoutMs };
}

async function listSources(options: Options): Promise<number> {
  const own = await listUserSources();
  const lines = own.map(({ name, title, layer }) => `${name.padEnd(20)} yours           ${title || (layer ?? "")}`);
  const sources = listCatalogue();
  new Terminal(options).answer(
    { sources, userSources: own, catalogue: userCataloguePath() },
    [...sources.map(formatEntry), ...lines].join("\n"),
  );
  return EXIT.whole;
}

const formatEntry = (entry: CatalogueEntry): string =>
  `${entry.name.padEnd(20)} bulk ${entry.bulk.padEnd(9)} zoom ${entry.minZoom}-${entry.maxZoom}  ${entry.title}; ${entry.attribution}; ${entry.termsUrl}`;

async function showSource(target: string, options: Options, access: OpenSourceOptions): Promise<number> {
  const terminal = new Terminal(options);
  const entry = findCatalogueEntry(target);
  if (entry !== null) {
    terminal.answer({ source: entry }, `${formatEntry(entry)}\n${entry.template}\n${entry.note}`);
    return EXIT.whole;
  }
  const named = await findUserSource(target);
  if (named !== null && !named.service) {
    terminal.answer({ source: named }, `${named.name}: ${named.source}`);
    return EXIT.whole;
  }
  const headers = { ...named?.headers, ...access.headers };
  const described = await describeService(named?.source ?? target, { ...access, headers });
  const summary = summarizeService(described);
  const layer = access.layer ?? named?.layer;
  const shown = layer === undefined ? null : (chooseLayers(described.description, layer)[0] ?? null);
  terminal.answer({ source: named, service: summary, layer: shown }, formatService(summary, shown));
  return EXIT.whole;
}

/** A URL with placeholders needs no description. */
const PLACEHOLDER = /(?<!\$)\{[^{}]+\}/;

/** Only what can be opened is kept: a layer that must be named is asked for now, not when the seed begins. */
async function addSource(target: string, options: Options, access: OpenSourceOptions): Promise<number> {
  requireNoPlainSecrets(target, access.headers);
  const service = !PLACEHOLDER.test(target);
  const opened = await (service ? openServiceSource(target, access) : openSource(target, access));
  const { kind, title, minZoom, maxZoom, grid } = opened.info;
  await opened.close();
  const { layer, style, matrixSet, format, dimension, header } = options;
  const source: NamedSource = {
    name: options.name ?? nameOf(layer ?? title),
    // A path is meant from where it was written.
    source: /^(?:https?|file):/i.test(target) ? target : resolve(target),
    service,
    title,
    layer,
    style,
    matrixSet,
    format,
    dimensions: dimension,
    headers: header,
  };
  await addUserSource(source);
  const catalogue = userCataloguePath();
  new Terminal(options).answer(
    { added: source, kind, grid: grid.id, crs: grid.crs.code, minZoom, maxZoom, catalogue },
    `added ${source.name}: ${title}, ${kind}, grid ${grid.id} zoom ${minZoom}-${maxZoom}\nkept in ${catalogue}; use it with: tilth seed ${source.name} --bbox W,S,E,N --zoom ${minZoom} --out FILE.gpkg`,
  );
  return EXIT.whole;
}

/** A name that can be typed, out of a title. */
function nameOf(title: string): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/gi, "")
    .toLowerCase()
    .slice(0, 40);
  if (plain !== "") return plain;
  throw new TilthError("argument.invalid", "expected --name NAME, because the service has no title to make one of");
}
