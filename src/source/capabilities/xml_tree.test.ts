import { describe, expect, test } from "vitest";
import { isTilthError } from "../../core/index.ts";
import { decodeDescription, MAX_DESCRIPTION_BYTES } from "./xml_text.ts";
import { child, children, descend, parseXml, words } from "./xml_tree.ts";

/** Message of a refusal with our code; anything else fails the test. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isTilthError(error, "source.invalid")) return error.message;
    throw error;
  }
  return "not refused";
}

describe("parseXml", () => {
  test("reads names without prefixes, attributes, CDATA, entities of XML itself, and text around children", () => {
    const root = parseXml(
      ` <a:r xmlns:a="u" x:href="1 &amp; 2"><undeclared:b>t&lt;<c/>u</undeclared:b><b><![CDATA[<d> & ]]></b><!-- c --></a:r>`,
    );
    expect(root.name).toBe("r");
    expect(root.attributes["href"]).toBe("1 & 2");
    expect(children(root, "b").map(({ text }) => text)).toEqual(["t<u", "<d> &"]);
    expect(descend(root, "b", "c")?.name).toBe("c");
    expect([child(root, "none"), words(root, "none")]).toEqual([null, ""]);
  });

  test("reads over a DOCTYPE that names a DTD or declares elements", () => {
    const root = parseXml('<!DOCTYPE r SYSTEM "http://h.example/r.dtd" [ <!ELEMENT r (#PCDATA)> ]><r>x</r>');
    expect(root.text).toBe("x");
  });

  const bomb = `<!DOCTYPE l [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${`&a${i - 1};`.repeat(10)}">`).join("")}]><l>&a8;</l>`;
  const manyAttributes = `<a ${Array.from({ length: 300 }, (_, i) => `b${i}="1"`).join(" ")}/>`;
  test.each([
    ["a billion laughs", bomb, /entities of its own/],
    ["an external entity", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', /entities of its own/],
    ["a parameter entity", '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://h/x">%x;]><r/>', /entities of its own/],
    ["an entity that nobody declared", "<r>&nbsp;</r>", /well-formed XML.*1:9/],
    ["100,000 elements in each other", "<a>".repeat(100_000), /at most 128 deep/],
    ["a million and one elements", `<r>${"<a/>".repeat(1_000_001)}</r>`, /at most 1000000 elements/],
    ["too many attributes", manyAttributes, /at most 256 attributes/],
    ["too much text in one element", `<r>${"x".repeat(9 * 1024 * 1024)}</r>`, /at most 8388608 characters/],
    ["a cut document", "<a><b>", /well-formed XML/],
    ["crossed elements", "<a><b></a></b>", /well-formed XML/],
    ["nothing", "", /well-formed XML|no element/],
  ])("refuses %s in words", (_name, text, words) => {
    expect(refusal(() => parseXml(text))).toMatch(words);
  });
});

describe("decodeDescription", () => {
  const utf16 = (text: string, bigEndian: boolean): Buffer => {
    const bytes = Buffer.from(text, "utf16le");
    return bigEndian ? bytes.swap16() : bytes;
  };
  const declared = (encoding: string): Buffer =>
    Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><a>\u00e9</a>`, "latin1");

  test.each([
    ["UTF-8", Buffer.from("<a>é</a>")],
    ["UTF-8 with a mark", Buffer.from("\uFEFF<a>é</a>")],
    ["UTF-16 little endian with a mark", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16("<a>é</a>", false)])],
    ["UTF-16 big endian with a mark", Buffer.concat([Buffer.from([0xfe, 0xff]), utf16("<a>é</a>", true)])],
    ["UTF-16 without a mark", utf16("<a>é</a>", false)],
    ["UTF-16 big endian without a mark", utf16("<a>é</a>", true)],
    ["declared ISO-8859-1", declared("ISO-8859-1")],
    ["declared ISO-8859-15", declared("iso-8859-15")],
    ["declared UTF-8 that is Latin", declared("utf-8")],
  ])("reads %s", (_name, bytes) => {
    expect(parseXml(decodeDescription(bytes)).text).toBe("é");
  });

  test.each([
    ["an encoding that nobody knows", declared("x-klingon"), /encoding.*'x-klingon'/],
    [
      "a mark of UTF-16 before 8-bit text",
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("<?xml?>")]),
      /says UTF-16.*8-bit/,
    ],
    ["half a character of UTF-16", Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x61]), /utf-16le/],
    ["100 MB", Buffer.alloc(100_000_000, 0x20), new RegExp(`at most ${MAX_DESCRIPTION_BYTES} bytes, got 100000000`)],
  ])("refuses %s in words", (_name, bytes, words) => {
    expect(refusal(() => decodeDescription(bytes))).toMatch(words);
  });
});
