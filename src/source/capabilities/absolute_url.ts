/** Longest URL that is read out of a document, characters. */
const MAX_URL = 8192;

/**
 * A URL of a document made absolute, braces of placeholders kept; null for anything but http(s), or when it is relative and nobody knows to what.
 * @param base URL of the document; "" for a file
 */
export function absoluteUrl(url: string, base: string): string | null {
  const text = url.trim();
  if (text === "" || text.length > MAX_URL) return null;
  if (/^https?:\/\//i.test(text)) return text;
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/]*\{/.test(text)) return null;
  const resolved = URL.parse(text, base === "" ? undefined : base);
  if (resolved === null || !/^https?:$/.test(resolved.protocol)) return null;
  return resolved.href.replace(/%7[BD]/gi, (code) => (code.toUpperCase() === "%7B" ? "{" : "}"));
}
