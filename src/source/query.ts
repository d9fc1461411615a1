/** Query parameters with names that do not mind their case; OGC services are asked in upper case, vendor parameters are kept as they are. */
export function withQuery(url: string, values: Readonly<Record<string, string>>): string {
  const [base = "", ...rest] = url.split("?");
  const taken = new Set(Object.keys(values).map((name) => name.toLowerCase()));
  const kept = rest
    .join("?")
    .split("&")
    .filter((pair) => pair !== "" && !taken.has((pair.split("=")[0] ?? "").toLowerCase()));
  const added = Object.entries(values).map(([name, value]) => `${name}=${encodeValue(value)}`);
  return `${base}?${[...kept, ...added].join("&")}`;
}

/** Braces and commas stay readable: placeholders are filled later, and services expect lists as they are. */
function encodeValue(value: string): string {
  return encodeURIComponent(value)
    .replaceAll("%7B", "{")
    .replaceAll("%7D", "}")
    .replaceAll("%2C", ",")
    .replaceAll("%3A", ":")
    .replaceAll("%2F", "/");
}

/** Value of a parameter whatever the case of its name; null when it is not there. */
export function queryValue(url: string, name: string): string | null {
  const query = url.split("?").slice(1).join("?");
  for (const pair of query.split("&")) {
    const [key = "", ...value] = pair.split("=");
    if (key.toLowerCase() === name.toLowerCase()) return decodeValue(value.join("="));
  }
  return null;
}

/** A plus is a space in a query; a broken percent code stays as it is. */
function decodeValue(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
