import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import { isStoreUrl } from "../store/index.ts";
import { requireNoPassword, requireNoPlainSecrets } from "./plain_secrets.ts";
import type { ServeConfig } from "./serve_schema.ts";

export type { ConfiguredCache, ConfiguredSource, ServeConfig } from "./serve_schema.ts";

/** Cap on the file, bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a `tilth.yaml`: every fault is told at once, with its place. Paths within are taken from the file's folder.
 * @throws `config.invalid`; `argument.invalid` for a secret that is written out
 */
export async function loadServeConfig(path: string): Promise<ServeConfig> {
  const text = await readText(path);
  // The two libraries take 40 ms to load, which only who has such a file pays.
  const [{ parse }, { serveConfigSchema, describeConfigFault }] = await Promise.all([
    import("yaml"),
    import("./serve_schema.ts"),
  ]);
  try {
    // Aliases that refer to aliases make a small file a huge value.
    const config = serveConfigSchema.parse(parse(text, { maxAliasCount: 20 }));
    return resolvePaths(checkSecrets(config), dirname(resolve(path)));
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw invalid(path, (describeConfigFault(cause) ?? messageOf(cause)).slice(0, 2000), cause);
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw invalid(path, `expected at most ${MAX_BYTES} bytes, got ${size}`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw invalid(path, messageOf(cause).slice(0, 500), cause);
  }
}

function checkSecrets(config: ServeConfig): ServeConfig {
  for (const { source, headers } of Object.values(config.sources)) requireNoPlainSecrets(source, headers);
  for (const { source, file } of Object.values(config.caches)) {
    if (source !== undefined) requireNoPlainSecrets(source);
    if (isStoreUrl(file)) requireNoPassword(file);
  }
  return config;
}

function resolvePaths(config: ServeConfig, folder: string): ServeConfig {
  const { data } = config.server;
  const caches = Object.entries(config.caches).map(([name, cache]) => [
    name,
    { ...cache, file: isStoreUrl(cache.file) ? cache.file : resolve(folder, cache.file) },
  ]);
  const server = { ...config.server, ...(data === undefined ? {} : { data: resolve(folder, data) }) };
  return { ...config, server, caches: Object.fromEntries(caches) as ServeConfig["caches"] };
}

function invalid(path: string, why: string, cause?: unknown): TilthError {
  return new TilthError("config.invalid", `the configuration ${path} cannot be used: ${why}`, {
    cause,
    fields: { path },
  });
}
