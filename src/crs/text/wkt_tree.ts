import { invalidText, MAX_DEPTH } from "./text_limits.ts";

/** One node of well-known text: a keyword in capitals, then values and nodes in order. */
export interface WktNode {
  readonly keyword: string;
  /** Strings, numbers and bare words as text. */
  readonly values: readonly string[];
  readonly nodes: readonly WktNode[];
}

const TOKEN = /\s*(?:"((?:[^"]|"")*)"|([A-Za-z_][\w.]*)|([-+]?[\d.][\d.eE+-]*)|([[\](),]))/y;

/** Reader of tokens: every step goes on by at least one sign, so the time is linear. */
class Tokens {
  readonly text: string;
  #at = 0;
  constructor(text: string) {
    this.text = text;
  }
  /** The next token, `kind` a sign for brackets and commas; null at the end. */
  next(): { kind: "string" | "word" | "number" | "sign"; text: string } | null {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.text);
    if (match === null) {
      if (this.text.slice(this.#at).trim() === "") return null;
      throw invalidText("well-known text", this.text.slice(this.#at));
    }
    this.#at = TOKEN.lastIndex;
    const [, string, word, number, sign] = match;
    if (string !== undefined) return { kind: "string", text: string.replaceAll('""', '"') };
    if (word !== undefined) return { kind: "word", text: word };
    return number !== undefined ? { kind: "number", text: number } : { kind: "sign", text: sign as string };
  }
}

interface OpenNode {
  keyword: string;
  values: string[];
  nodes: WktNode[];
}

/**
 * Well-known text of either version as a tree, without recursion.
 * @throws `crs.invalid`
 */
export function parseWkt(text: string): WktNode {
  const tokens = new Tokens(text);
  const open: OpenNode[] = [{ keyword: "", values: [], nodes: [] }];
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    const top = open.at(-1) as OpenNode;
    if (token.kind !== "sign") top.values.push(token.text);
    else if (token.text === "[" || token.text === "(") push(open, text);
    else if (token.text !== ",") pop(open, text);
  }
  const root = open[0]?.nodes[0];
  if (open.length !== 1 || root === undefined || open[0]?.nodes.length !== 1)
    throw invalidText("one whole node of well-known text", text);
  return root;
}

function push(open: OpenNode[], text: string): void {
  const keyword = open.at(-1)?.values.pop();
  if (keyword === undefined || !/^[A-Za-z]\w*$/.test(keyword)) throw invalidText("a keyword before the bracket", text);
  if (open.length > MAX_DEPTH) throw invalidText(`at most ${MAX_DEPTH} levels of well-known text`, text);
  open.push({ keyword: keyword.toUpperCase(), values: [], nodes: [] });
}

function pop(open: OpenNode[], text: string): void {
  const closed = open.pop() as OpenNode;
  const parent = open.at(-1);
  if (parent === undefined) throw invalidText("as many brackets closed as opened", text);
  parent.nodes.push(closed);
}

/** First node with one of these keywords. */
export function child(node: WktNode, ...keywords: readonly string[]): WktNode | undefined {
  return node.nodes.find(({ keyword }) => keywords.includes(keyword));
}
