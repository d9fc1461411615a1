import { TilthError, type ErrorCode } from "../../core/index.ts";
import { EXTRACT, LATER, NO_SERVICE, OTHER_SERVICE, SMALLER } from "./advice.ts";
import { pageText, plain, reasonOf } from "./error_page.ts";
import { outlineJson } from "./json_outline.ts";

/** An answer of an Overpass service, before anybody has believed it. */
export interface OverpassAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Shown in messages. */
  readonly host: string;
}

/** Characters of an answer that is something else, in messages. */
const SHOWN = 80;

/** What statuses mean: code, what has happened, what to do next. */
const REFUSALS: Readonly<Record<number, readonly [code: ErrorCode, what: string, next: string]>> = {
  400: ["overpass.query", "could not read the query", "if --tags looks right to you, tell those who make this program"],
  401: ["overpass.refused", "asks for a name and a password", `${OTHER_SERVICE}, or ${EXTRACT}`],
  413: [
    "overpass.query",
    "does not take a query of this length",
    `name fewer --tags, or ${OTHER_SERVICE}, or ${EXTRACT}`,
  ],
  429: ["overpass.quota", "has no free place for this address", LATER],
};
const REFUSED = [
  "overpass.refused",
  "refuses this program",
  `say who you are in TILTH_CONTACT, or ${OTHER_SERVICE}, or ${EXTRACT}`,
] as const;
const BUSY = ["overpass.busy", "is overloaded", LATER] as const;

/**
 * Tells what an answer is. Whole JSON passes; everything else throws what fits it, in words for people.
 * @throws `overpass.query`, `overpass.refused`, `overpass.quota`, `overpass.busy`, `overpass.incomplete`, `overpass.answer`
 */
export function requireData(answer: OverpassAnswer): void {
  const { status, body, host } = answer;
  if (status === 200) return requireWholeJson(answer);
  const said = status === 429 ? "" : withColon(reasonOf(body));
  const known = REFUSALS[status] ?? refusalOf(status);
  if (known !== null) throw problem(known[0], `${host} ${known[1]} (${status})${said}`, known[2], answer);
  throw problem("overpass.answer", `expected data from ${host}, got the status ${status}${said}`, NO_SERVICE, answer);
}

function refusalOf(status: number): readonly [ErrorCode, string, string] | null {
  if (status === 403 || status === 406) return REFUSED;
  return [500, 502, 503, 504].includes(status) ? BUSY : null;
}

function requireWholeJson(answer: OverpassAnswer): void {
  const { body, host } = answer;
  const head = pageText(body).trimStart();
  const shown = head.replace(/\s+/g, " ").slice(0, SHOWN);
  if (head === "") throw problem("overpass.busy", `${host} answered with nothing`, LATER, answer);
  if (head.startsWith("<"))
    throw (
      problemOfText(head, reasonOf(body), answer) ??
      problem(
        "overpass.answer",
        `expected JSON from ${host}, got a page${withColon(reasonOf(body))}`,
        NO_SERVICE,
        answer,
      )
    );
  if (!head.startsWith("{"))
    throw problem("overpass.answer", `expected JSON from ${host}, got '${shown}'`, NO_SERVICE, answer);
  const { isWhole, texts } = outlineJson(body);
  const cut = `the answer of ${host} was cut short after ${body.byteLength} bytes`;
  if (!isWhole) throw problem("overpass.incomplete", cut, SMALLER, answer);
  const remark = texts.includes("remark") ? (texts[texts.indexOf("remark") + 1] ?? "") : "";
  const stopped = remark.includes("runtime error") ? problemOfText(remark, plain(remark), answer) : null;
  if (stopped !== null) throw stopped;
  // `{"error": "busy"}` of a proxy before it.
  if (!texts.includes("elements"))
    throw problem("overpass.busy", `expected data from ${host}, got '${shown}'`, LATER, answer);
}

/** Of a page or a remark that came with the status of success; null when it is about something else. */
function problemOfText(text: string, reason: string, answer: OverpassAnswer): TilthError | null {
  const { host } = answer;
  const said = withColon(reason);
  if (/rate_limited|too many requests/i.test(text))
    return problem("overpass.quota", `${host} has no free place for this address${said}`, LATER, answer);
  if (/too busy|dispatcher_client|overloaded/i.test(text))
    return problem("overpass.busy", `${host} is overloaded${said}`, LATER, answer);
  if (!text.includes("runtime error")) return null;
  return problem("overpass.incomplete", `${host} gave up within the query${said}`, SMALLER, answer);
}

function withColon(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

function problem(code: ErrorCode, what: string, next: string, { status, host }: OverpassAnswer): TilthError {
  return new TilthError(code, `${what}; ${next}`, { fields: { status, host } });
}
