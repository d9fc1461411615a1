import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import { findCatalogueEntry } from "../source/index.ts";
import type { NamedSource } from "./catalogue_schema.ts";
import { requireNoPlainSecrets } from "./plain_secrets.ts";

/** Cap on the file, bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The schema's library takes 30 ms of CPU to load; who has no catalogue does not pay them. */
const loadSchema = async () => import("./catalogue_schema.ts");

export type { NamedSource };

/** `TILTH_CATALOGUE`, else `tilth/catalogue.json` in the user's configuration folder (XDG Base Directory Specification). */
export function userCataloguePath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env["TILTH_CATALOGUE"]) return env["TILTH_CATALOGUE"];
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "tilth", "catalogue.json");
}

/** Sources of the user by name; none when there is no file. @throws `config.invalid` */
export async function listUserSources(path: string = userCataloguePath()): Promise<NamedSource[]> {
  const content = await readCatalogue(path);
  if (content === null) return [];
  const { catalogueFile, describeFault } = await loadSchema();
  try {
    return catalogueFile.parse(JSON.parse(content)).sources;
  } catch (cause) {
    throw invalid(path, (describeFault(cause) ?? messageOf(cause)).slice(0, 500), cause);
  }
}

/** Null when there is none. */
async function readCatalogue(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw invalid(path, `expected at most ${MAX_BYTES} bytes, got ${size}`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw invalid(path, messageOf(cause).slice(0, 500), cause);
  }
}

/** By its name, in any case; null when there is none. */
export async function findUserSource(name: string, path: string = userCataloguePath()): Promise<NamedSource | null> {
  const sources = await listUserSources(path);
  return sources.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/**
 * Keeps a source under its name, in place of one that had it. The file is written beside and renamed: a crash leaves the old one.
 * @throws `argument.invalid` for a name that cannot be used or a secret written out; `config.invalid` for a file that cannot be read or written
 */
export async function addUserSource(source: NamedSource, path: string = userCataloguePath()): Promise<void> {
  const { MAX_ENTRIES, namedSource } = await loadSchema();
  const checked = namedSource.safeParse(source);
  if (!checked.success)
    throw new TilthError(
      "argument.invalid",
      `expected a name of letters, digits, '.', '-' and '_', and values of at most 8192 characters, got '${source.name.slice(0, 80)}'`,
    );
  if (findCatalogueEntry(source.name) !== null)
    throw new TilthError("argument.invalid", `expected a new name, but '${source.name}' is a source of Tilth's own`);
  requireNoPlainSecrets(source.source, source.headers);
  const others = await listUserSources(path);
  const kept = others.filter((one) => one.name.toLowerCase() !== source.name.toLowerCase());
  if (kept.length >= MAX_ENTRIES) throw invalid(path, `it holds ${MAX_ENTRIES} sources already`);
  await writeWhole(path, `${JSON.stringify({ version: 1, sources: [...kept, checked.data] }, null, 2)}\n`);
}

async function writeWhole(path: string, content: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, content, { mode: 0o600, flag: "wx" });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw invalid(path, messageOf(cause), cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): TilthError {
  return new TilthError("config.invalid", `the catalogue ${path} cannot be used: ${why}`, { cause, fields: { path } });
}
