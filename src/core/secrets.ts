const SECRET_PARAMETER =
  /^(?:.*(?:key|token|secret|password|signature|sig|auth|credential|apikey|session).*|hm|policy|pwd|pass)$/i;
const SECRET_HEADER = /^(?:authorization|cookie|proxy-authorization|.*(?:key|token|secret).*)$/i;

/**
 * A URL as it may be shown: user info, secret-looking query parameters and every value in `secrets` are replaced by `***`.
 * Works on templates too (`{x}` stays as it is), so it never parses with `URL`.
 */
export function redactUrl(url: string, secrets: readonly string[] = []): string {
  let shown = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, "$1***@");
  shown = shown.replace(/([?&;])([^=&;#]+)=([^&;#]*)/g, (whole, separator: string, name: string) =>
    SECRET_PARAMETER.test(name) ? `${separator}${name}=***` : whole,
  );
  return redactText(shown, secrets);
}

/** Replaces each known secret value, plain or percent-encoded, by `***`. */
export function redactText(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret.length < 4) continue;
    shown = shown.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
  }
  return shown;
}

export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}
