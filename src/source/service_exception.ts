/** Part of an exception document that is read, bytes. */
const MAX_READ_BYTES = 4096;

/**
 * Text of an OGC exception (WMS ServiceException, OWS ExceptionText) or of an ArcGIS error JSON; null when the body is neither.
 * Works on the first 4 KB as text, so that a hostile document costs nothing.
 */
export function findServiceException(body: Uint8Array): string | null {
  const text = new TextDecoder().decode(body.subarray(0, MAX_READ_BYTES));
  if (text.trimStart().startsWith("{")) return findJsonError(text);
  if (!/<(?:\w+:)?(?:ServiceExceptionReport|ExceptionReport)\b/.test(text)) return null;
  const found = /<(?:\w+:)?(?:ServiceException|ExceptionText)\b[^>]*>(?:\s*<!\[CDATA\[(.*?)(?:\]\]>|$)|([^<]*))/s.exec(
    text,
  );
  const inner = found?.[1] ?? found?.[2] ?? "";
  const code = /\b(?:code|exceptionCode)="([^"]*)"/.exec(text)?.[1];
  const message = inner.replace(/\s+/g, " ").trim().slice(0, 300);
  return [code, message].filter((part) => part !== undefined && part !== "").join(": ") || "no reason given";
}

function findJsonError(text: string): string | null {
  const quoted = /"error"\s*:\s*\{[^}]*"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  if (quoted === undefined) return null;
  try {
    return String(JSON.parse(quoted)).slice(0, 300);
  } catch {
    return quoted.slice(1, 301);
  }
}
