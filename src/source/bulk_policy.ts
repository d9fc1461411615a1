import { TilthError } from "../core/index.ts";
import { CATALOGUE_ENTRIES, type CatalogueEntry } from "./catalogue_entries.ts";
import type { SourceInfo } from "./tile_source.ts";

/** The entry whose terms forbid bulk use of a host (`URL.hostname`); null when no terms of the catalogue speak of it. */
export function findForbiddenHost(hostname: string): CatalogueEntry | null {
  const host = hostname.toLowerCase().replace(/\.+$/, "");
  const owns = (suffix: string): boolean => host === suffix || host.endsWith(`.${suffix}`);
  return CATALOGUE_ENTRIES.find((entry) => entry.bulk === "forbidden" && entry.hosts.some(owns)) ?? null;
}

/**
 * Refuses bulk use of a source whose terms forbid it, also when a URL template merely points at its hosts.
 * @throws `source.policy` with the policy, its link, and what to do instead
 */
export function requireBulkAllowed(info: Pick<SourceInfo, "id" | "title" | "bulk" | "termsUrl">): void {
  const entry = findForbiddenHost(hostNameOf(info.id));
  if (info.bulk !== "forbidden" && entry === null) return;
  // A source that only has a mirror there, or was sent there, names the terms without showing the host.
  const known =
    entry ?? CATALOGUE_ENTRIES.find(({ bulk, termsUrl }) => bulk === "forbidden" && termsUrl === info.termsUrl);
  const why = known?.note ?? "its terms forbid bulk use";
  throw policyError(known?.title ?? info.title, why, known?.termsUrl ?? info.termsUrl ?? "the service's own page");
}

/** Refuses an entry by name unless its terms are known to allow bulk use. @throws `source.policy` */
export function requireSeedableEntry(entry: CatalogueEntry): void {
  if (entry.bulk === "forbidden") throw policyError(entry.title, entry.note, entry.termsUrl);
  if (entry.bulk !== "unknown") return;
  const why = `${entry.note}. Read the terms; when they allow what you want, give the URL template instead of the name`;
  throw policyError(entry.title, why, entry.termsUrl);
}

/** The description of a source with one of its hosts under terms that forbid bulk use: it says so whatever else it says. */
export function withHostPolicy(info: SourceInfo, hostnames: readonly string[]): SourceInfo {
  const entry = hostnames.map(findForbiddenHost).find((found) => found !== null);
  return entry === undefined ? info : { ...info, bulk: "forbidden", termsUrl: entry.termsUrl };
}

/** @throws `source.policy` for the target of a redirect whose terms forbid bulk use */
export function checkRedirectPolicy(url: URL): void {
  const entry = findForbiddenHost(url.hostname);
  if (entry !== null) throw policyError(entry.title, `the source redirects to it; ${entry.note}`, entry.termsUrl);
}

function policyError(title: string, why: string, termsUrl: string): TilthError {
  const message = `${title} may not be fetched in bulk: ${why} (${termsUrl})`;
  return new TilthError("source.policy", message, { fields: { source: title, termsUrl } });
}

/** As a resolver would read it: lower case, percent codes undone; placeholders count as one letter. */
function hostNameOf(url: string): string {
  return URL.parse(url.replace(/\$?\{[^{}]*\}/g, "0"))?.hostname ?? "";
}
