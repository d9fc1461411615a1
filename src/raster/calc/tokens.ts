import { TilthError } from "../../core/index.ts";

export interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  /** Place in the text, from 1. */
  readonly at: number;
}

/** More than a screen of formula is a mistake, and bounds all that follows. */
const MAX_LENGTH = 4_096;

/** A name may have dots: `a.b3` is band 3 of the file a. */
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(\*\*|<=|>=|==|!=|&&|\|\||[-+*/%^<>!?:(),]))/y;

/** @throws `argument.invalid` with the place of what is no part of a formula */
export function listTokens(text: string): Token[] {
  if (text.length > MAX_LENGTH)
    throw new TilthError("argument.invalid", `expected a formula of at most ${MAX_LENGTH} letters, got ${text.length}`);
  const tokens: Token[] = [];
  const whole = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < whole.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(whole);
    if (match === null)
      throw formulaError(text, from + 1, `'${whole.slice(from).trim().charAt(0)}' has no meaning here`);
    const [number, name, sign] = match.slice(1);
    const found = number ?? name ?? sign ?? "";
    const at = TOKEN.lastIndex - found.length + 1;
    tokens.push({ kind: number !== undefined ? "number" : name !== undefined ? "name" : "sign", text: found, at });
  }
  return [...tokens, { kind: "end", text: "the end", at: whole.length + 1 }];
}

export function formulaError(text: string, at: number, why: string): TilthError {
  return new TilthError("argument.invalid", `the formula '${text}' cannot be read at letter ${at}: ${why}`, {
    fields: { at },
  });
}
