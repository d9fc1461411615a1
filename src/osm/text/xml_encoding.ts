import { TilthError } from "../../core/index.ts";

/** Bytes in which a declaration is looked for. */
export const DECLARATION_BYTES = 1024;

export type XmlDecoder = InstanceType<typeof TextDecoder>;

const DECLARED = /^<\?xml\s[^>]{0,300}?encoding\s*=\s*["']([\w.:-]{1,40})["']/;

/**
 * The decoder of an XML document, by its first bytes: the mark of its byte order, else what its declaration says (XML 1.0, appendix F), else UTF-8.
 * @throws `osm.unsupported` for an encoding that is not known
 */
export function xmlDecoder(start: Uint8Array): XmlDecoder {
  const label = wideEncoding(start) ?? DECLARED.exec(textOf(start))?.[1] ?? "utf-8";
  try {
    // Who declares UTF-16 and can be read as ASCII is mistaken.
    return new TextDecoder(/^utf-?16/i.test(label) && wideEncoding(start) === null ? "utf-8" : label);
  } catch (cause) {
    const message = `expected XML in an encoding that is known here, got '${label}'; convert it: iconv -f ${label} -t UTF-8, and take the encoding out of its first line`;
    throw new TilthError("osm.unsupported", message, { cause, fields: { encoding: label } });
  }
}

/** Whether a declaration would be whole, if there is one. */
export function hasDeclaration(start: Uint8Array): boolean {
  return start.length >= DECLARATION_BYTES || wideEncoding(start) !== null || textOf(start).includes(">");
}

/** UTF-16 shows by its mark, or by zeros around the first sign. */
function wideEncoding([first, second]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return "utf-16le";
  return (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c) ? "utf-16be" : null;
}

function textOf(start: Uint8Array): string {
  const text = Buffer.from(start.subarray(0, DECLARATION_BYTES)).toString("latin1");
  return text.replace(/^\u00ef\u00bb\u00bf/, "");
}
