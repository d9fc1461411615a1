import { describe, expect, test } from "vitest";
import { useTempFolder } from "../support/temp_folder.ts";
import { findCommandFault, findYamlFault, listBlocks, splitWords } from "../../scripts/check_docs.ts";

describe("listBlocks", () => {
  test("finds blocks with their language, also indented, with more words after it or without any", () => {
    const markdown = [
      "text",
      "```sh",
      "tilth seed x",
      "```",
      "```ts twoslash",
      "const a = 1;",
      "```",
      "- item",
      "  ```console",
      "  $ tilth info",
      "  ```",
      "```",
      "plain",
      "```",
      "a `code` word and ```three ticks``` in a line",
    ].join("\n");
    expect(listBlocks(markdown)).toEqual([
      { language: "sh", text: "tilth seed x\n" },
      { language: "ts", text: "const a = 1;\n" },
      { language: "console", text: "  $ tilth info\n" },
      { language: "", text: "plain\n" },
    ]);
  });
});

describe("splitWords", () => {
  test("undoes quotes and keeps what is in them together", () => {
    expect(splitWords(`tilth seed 'https://x/{z} y' --title "a b" -o c`)).toEqual([
      "tilth",
      "seed",
      "https://x/{z} y",
      "--title",
      "a b",
      "-o",
      "c",
    ]);
  });
});

describe("findCommandFault", () => {
  test.each([
    "tilth seed 'https://x/{z}/{x}/{y}.png' --bbox -180,-85,180,85 --zoom 0-4 -o world.gpkg",
    "tilth seed x --zoom=0-4 --json --quiet",
    "tilth --json verify file.gpkg",
    "tilth --help",
    "tilth seed --help",
    "tilth --version",
    "tilth info file.gpkg # --nonsense in a comment",
    "tilth cleanup file.gpkg --older 30d",
    "tilth raster convert a.asc --out a.tif --cog",
  ])("finds none in: %s", (line) => {
    expect(findCommandFault(line)).toBeNull();
  });

  test.each([
    ["tilth sede x", "no command 'sede'"],
    ["tilth raster reed x", "no command 'raster reed'"],
    ["tilth --json sede x", "no command 'sede'"],
    ["tilth seed x --zooom 1", "'tilth seed' has no option --zooom"],
    ["tilth seed x --zooom=1", "'tilth seed' has no option --zooom=1"],
    ["tilth verify x --older 1d", "'tilth verify' has no option --older"],
    ["tilth seed x -z 1", "'tilth seed' has no option -z"],
    ["tilth --nonsense seed x", "'tilth seed' has no option --nonsense"],
    ["tilth --nonsense", "'tilth ' has no option --nonsense"],
  ])("in '%s' finds: %s", (line, fault) => {
    expect(findCommandFault(line)).toBe(fault);
  });
});

describe("findYamlFault", () => {
  const folder = useTempFolder();

  test.each([
    ["groups: [{ name: a }]", null],
    ["# tilth.yaml\nversion: 1\ncaches: { a: { file: a.gpkg } }", null],
    ["a: [1", "at line 1"],
    ["# tilth.yaml\nversion: 1\ncaches: { a: { fil: a.gpkg } }", "caches.a"],
    ["# tilth.yaml\nversion: 1\nsources: { a: { source: 'https://x/{z}/{x}/{y}?key=secret' } }", "written out"],
  ])("of %j is %j", async (text, fault) => {
    const found = await findYamlFault(text, folder.path("."));
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
  });
});
