const SECRET_PARAMETER =
  /^(?:.*(?:key|token|secret|password|signature|sig|auth|credential|session|jwt).*|hm|policy|pwd|pass|tk|app_?id|app_?code)$/i;
const SECRET_HEADER = /^(?:authorization|cookie|proxy-authorization|.*(?:key|token|secret).*)$/i;

/**
 * A URL as it may be shown: user info, secret-looking query parameters and every value in `secrets` are replaced by `***`.
 * Works on templates too (`{x}` stays as it is), so it never parses with `URL`.
 */
export function redactUrl(url: string, secrets: readonly string[] = []): string {
  const shown = url.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)[^/?#]*@/i, "$1***@");
  // In the fragment too: that is where OAuth puts its tokens.
  return redactText(shown.replace(/[?#].*/s, redactParameters), secrets);
}

/** A semicolon begins a parameter for some services and is part of the value for others: from a secret's name to the next `&` nothing is shown. */
function redactParameters(query: string): string {
  return query.replace(/([?&#])([^&#]*)/g, (_whole, separator: string, parameters: string) => {
    let start = 0;
    for (const part of parameters.split(/[;?]/)) {
      const name = part.slice(0, part.indexOf("="));
      if (part.includes("=") && SECRET_PARAMETER.test(decoded(name)))
        return `${separator}${parameters.slice(0, start)}${name}=***`;
      start += part.length + 1;
    }
    return `${separator}${parameters}`;
  });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Replaces each known secret value of 4 characters or more, plain or percent-encoded, by `***`. */
export function redactText(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret.length >= 4).flatMap(encodedForms);
  // Longest first: a secret that begins like another would leave its end behind.
  return forms.toSorted((a, b) => b.length - a.length).reduce((shown, form) => shown.replaceAll(form, "***"), text);
}

/** The ways in which a URL may spell a value. */
function encodedForms(secret: string): string[] {
  const value = secret.toWellFormed();
  const encoded = [encodeURIComponent(value), encodeURI(value), new URLSearchParams([["", value]]).toString().slice(1)];
  const lowerCase = encoded.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [...new Set([secret, ...encoded, ...lowerCase])];
}

export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}
