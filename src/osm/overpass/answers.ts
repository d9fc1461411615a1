import { TilthError, type ErrorCode } from "../../core/index.ts";
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "../text/json_bytes.ts";

/** An answer of an Overpass service, before anybody has believed it. */
export interface OverpassAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Shown in messages. */
  readonly host: string;
}

/** Bytes at either end of a body that are looked at: an answer may have hundreds of megabytes. */
const HEAD_BYTES = 4096;
const TAIL_BYTES = 4096;

/**
 * Tells what an answer is. Whole JSON passes; everything else throws what fits it, in words for people.
 * @throws `overpass.query`, `overpass.refused`, `overpass.quota`, `overpass.busy`, `overpass.incomplete`, `overpass.answer`
 */
export function requireData(answer: OverpassAnswer): void {
  const { status, body, host } = answer;
  if (status === 200) return requireWholeJson(body, host);
  const text = messageOf(body);
  if (status === 400)
    throw problem("overpass.query", `${host} could not read the query: ${text || "no reason given"}`, answer);
  if (status === 429)
    throw problem(
      "overpass.quota",
      `${host} has no free place for this address (429); it is asked again when there is one`,
      answer,
    );
  if (status === 406 || status === 403)
    throw problem(
      "overpass.refused",
      `${host} refuses this program (${status}): ${text || "no reason given"}; say who you are in TILTH_CONTACT, or ask another service with --overpass`,
      answer,
    );
  if (status === 504 || status === 502 || status === 503 || status === 500)
    throw problem("overpass.busy", `${host} is overloaded (${status})${text === "" ? "" : `: ${text}`}`, answer);
  throw problem(
    "overpass.answer",
    `expected data from ${host}, got the status ${status}: ${text || "no reason given"}`,
    answer,
  );
}

function requireWholeJson(body: Uint8Array, host: string): void {
  const answer = { status: 200, body, host };
  const head = text(body.subarray(0, HEAD_BYTES)).trimStart();
  const tail = text(body.subarray(-TAIL_BYTES)).trimEnd();
  if (head.startsWith("<")) {
    const reason = messageOf(body);
    const code = reason.includes("runtime error") ? "overpass.incomplete" : "overpass.answer";
    throw problem(code, `expected JSON from ${host}, got a page: ${reason || head.slice(0, 80)}`, answer);
  }
  if (!head.startsWith("{"))
    throw problem("overpass.answer", `expected JSON from ${host}, got '${head.slice(0, 40)}'`, answer);
  if (!tail.endsWith("}") || !isBalanced(body))
    throw problem("overpass.incomplete", `the answer of ${host} was cut short after ${body.byteLength} bytes`, answer);
  const quoted = /"remark"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(tail)?.[1] ?? "";
  const remark = quoted.replace(/\\(["\\/])/g, "$1");
  if (remark.includes("runtime error"))
    throw problem("overpass.incomplete", `${host} gave up within the query: ${remark.slice(0, 300)}`, answer);
}

/** Whether every bracket is closed: an answer may be cut short behind a brace. 1 ms for each megabyte or two. */
function isBalanced(body: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (isText && byte === BACKSLASH) i += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (isText) continue;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return depth === 0 && !isText;
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
