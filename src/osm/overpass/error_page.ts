/** Bytes of a body that are looked at: marks that never end cost the square of it, 15 ms of this. */
const PAGE_BYTES = 16 * 1024;
const MAX_REASON = 300;

/** What a page, or a text in its place, says is wrong: without marks, on one line, for people. Empty when it says nothing. */
export function reasonOf(body: Uint8Array): string {
  const page = pageText(body);
  const told = [
    ...page.matchAll(/<p><strong[^>]*>\s*Error\s*<\/strong>\s*:?\s*([^<]*)<\/p>|<remark>([^<]*)<\/remark>/g),
  ].map(([, error, remark]) => decodeEntities((error ?? remark ?? "").trim()));
  // Messages put their advice behind a semicolon and a space.
  if (told.length > 0) return plain(told.join(", "));
  return plain(/<html|<!doctype|<\?xml/i.test(page) ? decodeEntities(wordsOf(page)) : page);
}

/** The beginning of a body as text. */
export function pageText(body: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = body.subarray(0, PAGE_BYTES);
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** A service's words without the names of its own parts, which say nothing to people. */
export function plain(reason: string): string {
  const words = reason.replace(/(?:runtime error: )?open64: .*?Dispatcher_Client::[\w:]+\.?/g, "");
  return words.replace(/\s+/g, " ").trim().slice(0, MAX_REASON);
}

/** What is seen of a page; its title when that is nothing. */
function wordsOf(page: string): string {
  const seen = page.replace(/<(head|script|style)\b.*?<\/\1\s*>|<!--.*?-->/gis, " ").replace(/<[^>]*>?/g, " ");
  return seen.trim() === "" ? (/<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? "") : seen;
}

function decodeEntities(marked: string): string {
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
  return marked.replace(/&(lt|gt|amp|quot|apos);/g, (_all, name: string) => names[name] ?? "");
}
