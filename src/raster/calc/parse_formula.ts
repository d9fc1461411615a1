import { BINARY, CONSTANTS, TERNARY, UNARY } from "./functions.ts";
import { formulaError, listTokens, type Token } from "./tokens.ts";

/** A formula as a tree; plain data, so that it crosses to threads. */
export type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Formula[] };

/** Parentheses and signs within each other at the most: no formula needs more, and the parser's own stack is bounded. */
const MAX_DEPTH = 64;

/** From what binds least to what binds most; `^` binds more than a sign before it and goes from right to left. */
const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

/**
 * Reads a formula: numbers, names of inputs, `+ - * / % ^ ** < <= > >= == != && || !`, `condition ? a : b`, parentheses, and the
 * functions of `functions.ts`. Nothing else can be said in it.
 * @throws `argument.invalid` with the place of the fault
 */
export function parseFormula(text: string): Formula {
  return new Parser(text).parse();
}

/** Names of the inputs in a formula, each once. */
export function inputsOf(formula: Formula): string[] {
  if (formula.kind === "number") return [];
  if (formula.kind === "input") return [formula.name];
  return [...new Set(formula.args.flatMap(inputsOf))];
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = listTokens(text);
  }

  parse(): Formula {
    const formula = this.#choice();
    if (this.#peek.kind !== "end") throw this.#unexpected("an operator or the end");
    return formula;
  }

  get #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #choice(): Formula {
    if (++this.#depth > MAX_DEPTH)
      throw formulaError(this.#text, this.#peek.at, `more than ${MAX_DEPTH} parts within each other`);
    const condition = this.#operators(0);
    let formula = condition;
    if (this.#skip("?")) {
      const then = this.#choice();
      this.#require(":");
      formula = call("where", condition, then, this.#choice());
    }
    this.#depth--;
    return formula;
  }

  #operators(level: number): Formula {
    const signs = LEVELS[level];
    if (signs === undefined) return this.#signed();
    let left = this.#operators(level + 1);
    for (let sign = this.#skipOne(signs); sign !== null; sign = this.#skipOne(signs))
      left = call(sign, left, this.#operators(level + 1));
    return left;
  }

  #signed(): Formula {
    const sign = this.#skipOne(["-", "+", "!"]);
    if (sign === null) return this.#power();
    if (++this.#depth > MAX_DEPTH)
      throw formulaError(this.#text, this.#peek.at, `more than ${MAX_DEPTH} parts within each other`);
    const value = this.#signed();
    this.#depth--;
    return sign === "+" ? value : call(sign, value);
  }

  #power(): Formula {
    const base = this.#value();
    return this.#skipOne(["^", "**"]) === null ? base : call("^", base, this.#signed());
  }

  #value(): Formula {
    const token = this.#peek;
    if (token.kind === "sign" && token.text === "(") return this.#parenthesis();
    if (token.kind !== "number" && token.kind !== "name") throw this.#unexpected("a number, a name or '('");
    this.#next++;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (this.#peek.text === "(") return this.#call(token);
    const constant = Object.hasOwn(CONSTANTS, token.text) ? CONSTANTS[token.text] : undefined;
    return constant === undefined ? { kind: "input", name: token.text } : { kind: "number", value: constant };
  }

  #parenthesis(): Formula {
    this.#require("(");
    const inner = this.#choice();
    this.#require(")");
    return inner;
  }

  #call(token: Token): Formula {
    const wanted = arityOf(token.text);
    if (wanted === 0) throw formulaError(this.#text, token.at, `there is no function '${token.text}'`);
    this.#require("(");
    const args = [this.#choice()];
    while (this.#skip(",")) args.push(this.#choice());
    this.#require(")");
    if (args.length === wanted) return call(token.text, ...args);
    throw formulaError(this.#text, token.at, `${token.text} wants ${wanted} values, got ${args.length}`);
  }

  #skip(sign: string): boolean {
    return this.#skipOne([sign]) !== null;
  }

  #skipOne(signs: readonly string[]): string | null {
    const { kind, text } = this.#peek;
    if (kind !== "sign" || !signs.includes(text)) return null;
    this.#next++;
    return text;
  }

  #require(sign: string): void {
    if (!this.#skip(sign)) throw this.#unexpected(`'${sign}'`);
  }

  #unexpected(wanted: string): Error {
    const { at, text } = this.#peek;
    return formulaError(this.#text, at, `expected ${wanted}, got ${text === "the end" ? text : `'${text}'`}`);
  }
}

function call(name: string, ...args: readonly Formula[]): Formula {
  return { kind: "call", name, args };
}

/** How many values a function of that name wants; 0 when there is none. */
function arityOf(name: string): number {
  const tables = [UNARY, BINARY, TERNARY];
  return tables.findIndex((table) => Object.hasOwn(table, name)) + 1;
}
