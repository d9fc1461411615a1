import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretHeader, redactText, redactUrl } from "./secrets.ts";

describe("redactUrl", () => {
  test.each([
    ["https://me:pa55word@host/x", "https://***@host/x"],
    ["https://me:p@ss@host/x", "https://***@host/x"],
    ["https://token@host", "https://***@host"],
    ["//me:pa55@host/x", "//***@host/x"],
    ["https://host/a@b/{z}", "https://host/a@b/{z}"],
    ["https://host/x?key=abc", "https://host/x?key=***"],
    ["https://host/{z}/{x}/{y}.png?a=1&api_key=abc&b=2", "https://host/{z}/{x}/{y}.png?a=1&api_key=***&b=2"],
    ["https://host/x?access_token=abc#top", "https://host/x?access_token=***#top"],
    ["https://host/x#access_token=abc&state=1", "https://host/x#access_token=***&state=1"],
    ["https://host/x?Subscription-Key=abc", "https://host/x?Subscription-Key=***"],
    ["https://host/x?api%5Fk%65y=abc", "https://host/x?api%5Fk%65y=***"],
    ["https://host/x?a=1;key=abc", "https://host/x?a=1;key=***"],
    ["https://host/x?key=ab;cd&z=1", "https://host/x?key=***&z=1"],
    ["https://host/x?key=ab=cd", "https://host/x?key=***"],
    ["https://host/x?appid=abc&tk=def&jwt=g", "https://host/x?appid=***&tk=***&jwt=***"],
    ["https://host/p?url=http://other/q?key=abc", "https://host/p?url=http://other/q?key=***"],
    ["https://host/x?layer=monkeys%&z={z}", "https://host/x?layer=monkeys%&z={z}"],
    ["https://host/x?%=1&signature=abc", "https://host/x?%=1&signature=***"],
    ["https://host/x?a=1&b", "https://host/x?a=1&b"],
    ["not a url at all", "not a url at all"],
    ["", ""],
  ])("shows %s as %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  const secret = fc.string({ minLength: 8, maxLength: 24, unit: "grapheme-ascii" }).map((text) => `S!${text}/+ ä`);
  const forms = (value: string): string[] => {
    const encoded = [encodeURIComponent(value), new URLSearchParams({ a: value }).toString().slice(2)];
    const lower = encoded.map((form) => form.replace(/%../g, (code) => code.toLowerCase()));
    return [value, ...encoded, ...lower];
  };

  test("lets no known secret through, wherever it stands and however it is encoded", () => {
    fc.assert(
      fc.property(
        secret,
        fc.nat(4),
        fc.constantFrom("/v1/", "?q=", "#", "?a=1&name=", "/x;p="),
        (value, form, before) => {
          const spelled = forms(value)[form] ?? value;
          const shown = redactUrl(`https://host${before}${spelled}/end`, [value]);
          for (const one of forms(value)) expect(shown).not.toContain(one);
          expect(shown).toContain("***");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("lets no value of a secret parameter through, known or not", () => {
    const name = fc.constantFrom("key", "apiKey", "token", "X-Amz-Signature", "password", "client_secret", "SIG");
    const value = fc.stringMatching(/^[A-Z]{12}$/);
    fc.assert(
      fc.property(name, value, fc.constantFrom("?", "?a=1&", "?a=1;", "#", "?a=b?"), (key, text, before) => {
        expect(redactUrl(`https://host/x${before}${key}=${text}&z=1`)).not.toContain(text);
      }),
    );
  });
});

describe("redactText", () => {
  test("cuts the longer of two secrets that begin alike as a whole", () => {
    expect(redactText("a=abcd1234 b=abcd", ["abcd", "abcd1234"])).toBe("a=*** b=***");
  });

  test("leaves texts alone that hold no secret, and secrets of fewer than 4 characters", () => {
    expect(redactText("abc", ["abc", ""])).toBe("abc");
    expect(redactText("nothing here", ["secret"])).toBe("nothing here");
  });

  test("takes half a character in a secret, and one that looks like a pattern", () => {
    expect(redactText("x\ud800yzw", ["\ud800yzw"])).toBe("x***");
    expect(redactText("a.*b$& c", [".*b$&"])).toBe("a*** c");
  });
});

describe("isSecretHeader", () => {
  test.each(["Authorization", "cookie", "X-Api-Key", "X-Auth-Token", "proxy-authorization", "Client-Secret"])(
    "%s is one",
    (name) => {
      expect(isSecretHeader(name)).toBe(true);
    },
  );

  test.each(["Accept", "Referer", "User-Agent", "If-None-Match"])("%s is none", (name) => {
    expect(isSecretHeader(name)).toBe(false);
  });
});
