import { describe, expect, test } from "vitest";
import { decodeLz4Block } from "./lz4_block.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const block = (...parts: (number | string)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part, "latin1"))));

describe("an LZ4 block", () => {
  test("of literals only", () => expect(text(decodeLz4Block(block(0x50, "hello"), 5))).toBe("hello"));

  test("with a match that overlaps itself", () => {
    // 2 literals, then 4 + 4 bytes from 2 back, then 1 literal.
    expect(text(decodeLz4Block(block(0x24, "ab", 2, 0, 0x10, "!"), 11))).toBe("ababababab!");
  });

  test("with lengths of more than a nibble", () => {
    const literals = "x".repeat(15 + 255 + 3);
    expect(text(decodeLz4Block(block(0xf0, 255, 3, literals), literals.length))).toBe(literals);
    // 1 literal, a match of 4 + 15 + 10.
    expect(text(decodeLz4Block(block(0x1f, "y", 1, 0, 10), 30))).toBe("y".repeat(30));
  });

  test("of nothing", () => expect(decodeLz4Block(block(0), 0)).toHaveLength(0));

  test.each([
    ["that is cut short", block(0x50, "hel"), 5],
    ["that gives too little", block(0x50, "hello"), 6],
    ["that gives too much", block(0x50, "hello"), 4],
    ["with a match from before its beginning", block(0x10, "a", 2, 0), 5],
    ["with a match from nowhere", block(0x10, "a", 0, 0), 5],
    ["with a match that is too long", block(0x1f, "a", 1, 0, 255, 255, 0), 9],
    ["with a length without end", block(0xf0, 255, 255), 600],
  ])("%s is invalid", (_what, bytes, size) =>
    expect(() => decodeLz4Block(bytes, size)).toThrow(expect.objectContaining({ code: "osm.invalid" })),
  );
});
