import { SaxesParser } from "saxes";
import { isTilthError, messageOf, TilthError } from "../../core/index.ts";

/** An element; names are without their prefix, because documents of one protocol use many. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Its own text, trimmed. */
  readonly text: string;
}

interface OpenNode extends XmlNode {
  readonly children: XmlNode[];
  text: string;
}

/** Elements within elements; real documents have 20. */
const MAX_DEPTH = 128;
/** Elements; the largest real document has 40,000. */
const MAX_NODES = 1_000_000;
/** Attributes of one element. */
const MAX_ATTRIBUTES = 256;
/** Characters of one element: lists of times have been seen with 1 million. */
const MAX_TEXT = 8 * 1024 * 1024;
/** Characters parsed at a time: a cap that is passed stops soon after. */
const CHUNK = 65_536;

/**
 * A small tree of an XML document. Entities are never declared or fetched: a document that declares one is refused, a `DOCTYPE` that only
 * names a DTD or declares elements is read over. Depth, elements, attributes and text are capped.
 * @throws `source.invalid` saying where it stops to be XML
 */
export function parseXml(text: string): XmlNode {
  const builder = new TreeBuilder();
  const parser = new SaxesParser({ xmlns: false });
  // Namespaces are not resolved: prefixes that nobody declared are tolerated.
  parser.on("doctype", checkDoctype);
  parser.on("opentag", ({ name, attributes }) => builder.open(name, attributes));
  parser.on("closetag", () => builder.close());
  parser.on("text", (piece) => builder.addText(piece));
  parser.on("cdata", (piece) => builder.addText(piece));
  // Real servers send white space before the declaration.
  const source = text.trimStart();
  try {
    for (let at = 0; at < source.length; at += CHUNK) parser.write(source.slice(at, at + CHUNK));
    parser.close();
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw invalid(`expected well-formed XML, got a fault at line:column ${messageOf(cause).slice(0, 200)}`, cause);
  }
  if (builder.root === null) throw invalid("expected an XML document, got no element");
  return builder.root;
}

class TreeBuilder {
  root: XmlNode | null = null;
  #count = 0;
  readonly #stack: OpenNode[] = [];

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (++this.#count > MAX_NODES) throw invalid(`expected at most ${MAX_NODES} elements, got more`);
    if (this.#stack.length >= MAX_DEPTH) throw invalid(`expected elements at most ${MAX_DEPTH} deep, got deeper ones`);
    const node: OpenNode = { name: localName(name), attributes: localAttributes(attributes), children: [], text: "" };
    this.#stack.at(-1)?.children.push(node);
    this.root ??= node;
    this.#stack.push(node);
  }

  close(): void {
    const node = this.#stack.pop();
    if (node !== undefined) node.text = node.text.trim();
  }

  addText(piece: string): void {
    const node = this.#stack.at(-1);
    if (node === undefined) return;
    if (node.text.length + piece.length > MAX_TEXT)
      throw invalid(`expected at most ${MAX_TEXT} characters in <${node.name.slice(0, 60)}>, got more`);
    node.text += piece;
  }
}

function checkDoctype(doctype: string): void {
  if (/<!ENTITY/i.test(doctype))
    throw invalid("expected XML without entities of its own, got a DOCTYPE that declares some; they are not read");
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

function localAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) throw invalid(`expected at most ${MAX_ATTRIBUTES} attributes, got more`);
  const named: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) named[localName(name)] ??= value;
  return named;
}

/** First child of that name; null when there is none. */
export function child(node: XmlNode | null, name: string): XmlNode | null {
  return node?.children.find((one) => one.name === name) ?? null;
}

export function children(node: XmlNode | null, name: string): XmlNode[] {
  return node?.children.filter((one) => one.name === name) ?? [];
}

/** A descendant by the names on the way; null when one is missing. */
export function descend(node: XmlNode | null, ...names: readonly string[]): XmlNode | null {
  return names.reduce(child, node);
}

/** Longest name, title or identifier that is kept, characters. */
const MAX_WORDS = 2000;

/** Text of a child on one line, capped; "" when there is none. */
export function words(node: XmlNode | null, name: string): string {
  return oneLine(child(node, name)?.text ?? "");
}

export function oneLine(text: string): string {
  return text
    .slice(0, 4 * MAX_WORDS)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_WORDS);
}

/** A finite number; null for anything else. */
export function finite(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function invalid(message: string, cause?: unknown): TilthError {
  return new TilthError("source.invalid", message, { cause });
}
