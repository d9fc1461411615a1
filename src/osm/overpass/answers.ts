import { TilthError, type ErrorCode } from "../../core/index.ts";
import { outlineJson } from "./json_outline.ts";

/** An answer of an Overpass service, before anybody has believed it. */
export interface OverpassAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Shown in messages. */
  readonly host: string;
}

/** Bytes of a body that are shown or matched: an answer may have hundreds of megabytes. */
const HEAD_BYTES = 4096;

/**
 * Tells what an answer is. Whole JSON passes; everything else throws what fits it, in words for people.
 * @throws `overpass.query`, `overpass.refused`, `overpass.quota`, `overpass.busy`, `overpass.incomplete`, `overpass.answer`
 */
export function requireData(answer: OverpassAnswer): void {
  const { status, body, host } = answer;
  if (status === 200) return requireWholeJson(body, host);
  const text = messageOf(body);
  const reason = text || "no reason given";
  if (status === 400)
    throw problem(
      "overpass.query",
      `${host} could not read the query: ${reason}; if --tags looks right to you, tell those who make this program`,
      answer,
    );
  if (status === 429)
    throw problem("overpass.quota", `${host} has no free place for this address (429); ${LATER}`, answer);
  if (status === 406 || status === 403 || status === 401)
    throw problem(
      "overpass.refused",
      `${host} refuses this program (${status}): ${reason}; say who you are in TILTH_CONTACT, or ask another service with --overpass`,
      answer,
    );
  if (status === 504 || status === 502 || status === 503 || status === 500)
    throw problem(
      "overpass.busy",
      `${host} is overloaded (${status})${text === "" ? "" : `: ${text}`}; ${LATER}`,
      answer,
    );
  throw problem(
    "overpass.answer",
    `expected data from ${host}, got the status ${status}: ${reason}; ${NO_SERVICE}`,
    answer,
  );
}

const LATER =
  "go on later, what was fetched is kept; or ask another service with --overpass, or read an extract with --from";
const NO_SERVICE = "is this the address of an Overpass interpreter? name one with --overpass";

function requireWholeJson(body: Uint8Array, host: string): void {
  const answer = { status: 200, body, host };
  const head = text(body.subarray(0, HEAD_BYTES)).trimStart();
  if (head.startsWith("<")) throw problemOfPage(answer);
  if (head === "") throw problem("overpass.busy", `${host} answered with nothing; ${LATER}`, answer);
  if (!head.startsWith("{"))
    throw problem("overpass.answer", `expected JSON from ${host}, got '${head.slice(0, 40)}'; ${NO_SERVICE}`, answer);
  const { isWhole, texts } = outlineJson(body);
  if (!isWhole)
    throw problem(
      "overpass.incomplete",
      `the answer of ${host} was cut short after ${body.byteLength} bytes; take a smaller area`,
      answer,
    );
  const remark = texts[texts.indexOf("remark") + 1] ?? "";
  if (texts.includes("remark") && remark.includes("runtime error"))
    throw problem(
      "overpass.incomplete",
      `${host} gave up within the query: ${remark.slice(0, 300)}; take a smaller area, or a longer --timeout`,
      answer,
    );
  // `{"error": "busy"}` of a proxy before it.
  if (!texts.includes("elements"))
    throw problem("overpass.busy", `expected data from ${host}, got '${head.slice(0, 120)}'; ${LATER}`, answer);
}

/** Of XML and HTML that came with the status of success. */
function problemOfPage(answer: OverpassAnswer): TilthError {
  const { body, host } = answer;
  const page = text(body.subarray(0, 64 * 1024));
  const reason = messageOf(body) || page.trim().slice(0, 80);
  if (/rate_limited|too many requests/i.test(page))
    return problem("overpass.quota", `${host} has no free place for this address: ${reason}; ${LATER}`, answer);
  if (/too busy|dispatcher|overloaded/i.test(page))
    return problem("overpass.busy", `${host} is overloaded: ${reason}; ${LATER}`, answer);
  if (page.includes("runtime error"))
    return problem(
      "overpass.incomplete",
      `${host} gave up within the query: ${reason}; take a smaller area, or a longer --timeout`,
      answer,
    );
  return problem("overpass.answer", `expected JSON from ${host}, got a page: ${reason}; ${NO_SERVICE}`, answer);
}

/** The lines of an error page that say what is wrong, without their marks. */
function messageOf(body: Uint8Array): string {
  const page = text(body.subarray(0, 64 * 1024));
  const lines = [
    ...page.matchAll(/<p><strong[^>]*>\s*Error\s*<\/strong>\s*:?\s*([^<]*)<\/p>|<remark>([^<]*)<\/remark>/g),
  ];
  const told = lines.map(([, error, remark]) => (error ?? remark ?? "").trim());
  const plain = /<html|<\?xml/i.test(page) ? [] : [page.trim().slice(0, 300)];
  return decodeEntities((told.length > 0 ? told : plain).join("; ")).slice(0, 600);
}

function decodeEntities(marked: string): string {
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
  return marked.replace(/&(lt|gt|amp|quot|apos);/g, (_all, name: string) => names[name] ?? "");
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function problem(code: ErrorCode, message: string, { status, host }: OverpassAnswer): TilthError {
  return new TilthError(code, message, { fields: { status, host } });
}
