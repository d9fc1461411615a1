import { redactUrl } from "../core/index.ts";

const URL_IN_TEXT = /https?:\/\/[^\s"'<>]+/gi;

/** A text in which URLs have lost what is secret in them. */
export function redactUrls(text: string): string {
  return text.replace(URL_IN_TEXT, (url) => redactUrl(url));
}
