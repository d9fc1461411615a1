import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";
import { findCatalogueEntry } from "../source/index.ts";
import { requireNoPlainSecrets } from "./plain_secrets.ts";

/** Cap on the file, bytes, and on its entries. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

const text = z.string().max(8192);
const texts = z.record(text, text);

/** A source that a user gave a name to. Secrets stand in it as `${NAME}` only. */
const namedSource = z.strictObject({
  name: z.string().regex(/^[a-z0-9][\w.-]{0,63}$/i),
  /** URL or file of the description, as `openServiceSource` takes it, or any other source. */
  source: text.min(1),
  /** True: `source` is described by itself (capabilities and the like). */
  service: z.boolean(),
  title: text,
  layer: text.optional(),
  style: text.optional(),
  matrixSet: text.optional(),
  format: text.optional(),
  dimensions: texts.optional(),
  headers: texts.optional(),
});

export type NamedSource = z.infer<typeof namedSource>;

const catalogueFile = z.strictObject({
  version: z.literal(1),
  sources: z.array(namedSource).max(MAX_ENTRIES),
});

/** `TILTH_CATALOGUE`, else `tilth/catalogue.json` in the user's configuration folder (XDG Base Directory Specification). */
export function userCataloguePath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env["TILTH_CATALOGUE"]) return env["TILTH_CATALOGUE"];
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "tilth", "catalogue.json");
}

/** Sources of the user by name; none when there is no file. @throws `config.invalid` */
export async function listUserSources(path: string = userCataloguePath()): Promise<NamedSource[]> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw invalid(path, `expected at most ${MAX_BYTES} bytes, got ${size}`);
    return catalogueFile.parse(JSON.parse(await readFile(path, "utf8"))).sources;
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw invalid(path, why.slice(0, 500), cause);
  }
}

/** By its name, in any case; null when there is none. */
export async function findUserSource(name: string, path: string = userCataloguePath()): Promise<NamedSource | null> {
  if (!namedSource.shape.name.safeParse(name).success) return null;
  const sources = await listUserSources(path);
  return sources.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/**
 * Keeps a source under its name, in place of one that had it. The file is written beside and renamed: a crash leaves the old one.
 * @throws `argument.invalid` for a name that cannot be used or a secret written out; `config.invalid` for a file that cannot be read or written
 */
export async function addUserSource(source: NamedSource, path: string = userCataloguePath()): Promise<void> {
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
