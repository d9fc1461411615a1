import { readdirSync, readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { describe, expect, test, vi } from "vitest";
import { makeProgram } from "./program.ts";

/** Runs a command line that must fail before it does anything; gives commander's or our code. */
async function codeOf(...args: string[]): Promise<string> {
  const program = makeProgram();
  const silent = { writeErr: () => undefined, writeOut: () => undefined };
  for (const command of [program, ...program.commands]) command.configureOutput(silent);
  try {
    await program.parseAsync(["node", "tilth", ...args]);
    return "no error";
  } catch (error) {
    return error instanceof CommanderError ? error.code : (error as { code: string }).code;
  }
}

const url = "https://tiles.invalid/{z}/{x}/{y}.png";
const area = ["--bbox", "0,0,1,1", "--zoom", "0"];

describe("the command line", () => {
  test("loads what a command does when it is called, not at every start", () => {
    const folder = new URL("./commands/", import.meta.url);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(new URL(name, folder), "utf8");
      expect(text.match(/^import (?!type ).*run_\w+\.ts"/gm), name).toBeNull();
      expect(text, name).toContain("await import(");
    }
  });

  test("describes every command, argument and option", () => {
    for (const command of makeProgram().commands) {
      expect(command.description()).not.toBe("");
      for (const option of command.options) expect(option.description).not.toBe("");
      for (const argument of command.registeredArguments) expect(argument.description).not.toBe("");
    }
  });

  test.each([
    [[], "commander.help"],
    [["nonsense"], "commander.unknownCommand"],
    [["seed"], "commander.missingArgument"],
    [["seed", url, "--nonsense"], "commander.unknownOption"],
    [["seed", url, "--zoom"], "commander.optionMissingArgument"],
    [["--version"], "commander.version"],
    [["seed", url, "--bbox", "1,2,3"], "bbox.invalid"],
    [["seed", url, ...area], "argument.invalid"],
    [["seed", url, "--bbox", "0,0,1,1"], "argument.invalid"],
    [["seed", url, "--zoom", "1"], "argument.invalid"],
    [["seed", url, ...area, "--concurrency", "0"], "argument.invalid"],
    [["seed", url, ...area, "--concurrency", "many"], "argument.invalid"],
    [["seed", url, ...area, "--rate", "0"], "argument.invalid"],
    [["seed", url, ...area, "--timeout", "soon"], "argument.invalid"],
    [["seed", url, ...area, "--retries", "-1"], "argument.invalid"],
    [["seed", url, ...area, "--tile-size", "big"], "argument.invalid"],
    [["seed", url, ...area, "--grid", "Mars"], "grid.unknown"],
    [["seed", url, ...area, "--header", "nothing"], "argument.invalid"],
    [["seed", url, "--bbox", "0,0,1,1", "--zoom", "99"], "argument.invalid"],
    [["seed", url, "--coverage", "/no/such.geojson", "--zoom", "1"], "coverage.invalid"],
    [["seed", url, ...area, "--coverage", "/no/such.geojson"], "argument.invalid"],
    [["seed", "/no/such.mbtiles", ...area], "source.invalid"],
    [["cleanup", "/no/such.gpkg"], "argument.invalid"],
    [["info", "/no/such.gpkg"], "store.missing"],
    [["verify", "/no/such.gpkg"], "store.missing"],
    [["repair", "/no/such.gpkg"], "store.missing"],
    [["cleanup", "/no/such.gpkg", "--older", "1d"], "store.missing"],
  ])("%j ends with %s", async (args, code) => {
    const say = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await codeOf(...args)).toBe(code);
    say.mockRestore();
  });

  test("leaves no listener for signals behind after a mistake", async () => {
    const before = process.listenerCount("SIGINT");
    await codeOf("seed", url, ...area, "--concurrency", "0");
    await codeOf("seed", url, ...area, "--retries", "-1");
    await codeOf("verify", "/no/such.gpkg");
    await codeOf("cleanup", "/no/such.gpkg", "--older", "1d");
    await codeOf("repair", "/no/such.gpkg", "--concurrency", "x");
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
