import { redactText, TilthError } from "../../core/index.ts";
import { findServiceException } from "../service_exception.ts";

/** Characters of a page's title that are shown. */
const MAX_TITLE = 120;

/**
 * Refuses what services send instead of a description: exception reports, error JSON, login pages, nothing.
 * @param secrets values that no message may show
 * @throws `source.exception` with the service's words; `source.invalid` for a page or an empty body
 */
export function refuseOtherAnswers(text: string, secrets: readonly string[]): void {
  const start = redactText(text.trimStart().slice(0, 8192), secrets);
  if (start === "")
    throw new TilthError("source.invalid", "expected a description of a service, got an empty document");
  const exception = findServiceException(new TextEncoder().encode(start));
  if (exception !== null) {
    const message = `the service answered with an exception instead of its description: ${exception}`;
    throw new TilthError("source.exception", message, { fields: { exception } });
  }
  if (!isHtml(start)) return;
  const title = /<title[^>]*>([^<]*)/i.exec(start)?.[1]?.replace(/\s+/g, " ").trim().slice(0, MAX_TITLE);
  const shown = title === undefined || title === "" ? "" : ` ('${title}')`;
  throw new TilthError(
    "source.invalid",
    `expected a description of a service, got an HTML page${shown}; is the URL right, and does it need a key or a login?`,
  );
}

/** Comments are taken out first: a pattern that steps over any number of them could be made to take for ever. */
function isHtml(start: string): boolean {
  const bare = start.replace(/<!--[^]*?-->/g, "").replace(/^\s*<\?xml[^>]*>/, "");
  return /^\s*<(?:!doctype\s+html|html)\b/i.test(bare);
}
