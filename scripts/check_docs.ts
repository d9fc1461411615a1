// Checks the documents: TypeScript blocks compile, `tilth` lines use commands and options that exist, links lead somewhere, YAML blocks can be read
// (those that begin with `# tilth.yaml` as a configuration), and the list of error codes is the one of the code.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { makeProgram } from "../src/cli/program.ts";
import { loadServeConfig } from "../src/config/index.ts";
import { ERROR_CODES, messageOf } from "../src/core/index.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const faults: string[] = [];

interface Block {
  language: string;
  text: string;
}

export function listBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^ *```(\w*).*\n([\s\S]*?)^ *```/gm)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

/** Words of a shell line, quotes undone. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** What is wrong with a `tilth ...` line; null when nothing is. */
export function findCommandFault(line: string): string | null {
  const words = splitWords(line.replace(/\s+#.*$/, ""));
  const program = makeProgram();
  const name = words.slice(1).find((word) => !word.startsWith("-"));
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined && name !== undefined) return `no command '${name}'`;
  const below = findBelow(command, words.slice(words.indexOf(name ?? "") + 1));
  if (typeof below === "string") return `no command '${name} ${below}'`;
  const options = [...program.options, ...(command?.options ?? []), ...(below?.options ?? [])].flatMap(
    ({ long, short }) => [long, short],
  );
  const known = new Set([...options, "--help", "-h"]);
  const unknown = words.slice(1).find((word) => /^--?[a-z]/i.test(word) && !known.has(word.split("=")[0]));
  return unknown === undefined ? null : `'tilth ${name ?? ""}' has no option ${unknown}`;
}

type Program = ReturnType<typeof makeProgram>;

/** The command of a command that the next word names; that word where there is none of it, null for a command without commands. */
function findBelow(command: Program | undefined, words: readonly string[]): Program | string | null {
  const name = words.find((word) => !word.startsWith("-"));
  if (command === undefined || command.commands.length === 0 || name === undefined) return null;
  return command.commands.find((candidate) => candidate.name() === name) ?? name;
}

function listDocuments(): string[] {
  const below = (folder: string): string[] =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(folder, name))
      : [];
  return [
    ...readdirSync(root).filter((name) => name.endsWith(".md")),
    ...below("docs"),
    ...below("src"),
    ...below("test"),
    ...below("bench"),
  ];
}

function checkCommands(document: string, blocks: readonly Block[]): void {
  for (const block of blocks.filter(({ language }) => ["sh", "bash", "console"].includes(language))) {
    for (const line of block.text.replaceAll("\\\n", " ").split("\n")) {
      const command = line.replace(/^\$\s*/, "").trim();
      if (!/^(npx )?tilth\b/.test(command)) continue;
      const fault = findCommandFault(command.replace(/^npx /, ""));
      if (fault !== null) faults.push(`${document}: ${fault}`);
    }
  }
}

function checkLinks(document: string, text: string): void {
  for (const match of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    const target = match[1] ?? "";
    if (!/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(document), target)))
      faults.push(`${document}: no file ${target}`);
  }
}

/** What is wrong with a YAML block; null when nothing is. A configuration is read as the server reads it. */
export async function findYamlFault(text: string, folder: string): Promise<string | null> {
  try {
    parse(text);
    if (!text.trimStart().startsWith("# tilth.yaml")) return null;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "tilth.yaml");
    writeFileSync(path, text);
    await loadServeConfig(path);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function checkErrorCodes(): void {
  const text = readFileSync(join(root, "docs/guide/errors.md"), "utf8");
  const listed = new Set([...text.matchAll(/^\| `([\w.]+)` \|/gm)].map((match) => match[1]));
  for (const code of Object.keys(ERROR_CODES))
    if (!listed.has(code)) faults.push(`docs/guide/errors.md does not list '${code}'`);
  for (const code of listed)
    if (code !== undefined && !Object.hasOwn(ERROR_CODES, code))
      faults.push(`docs/guide/errors.md lists '${code}', which does not exist`);
}

/** Each block becomes a module that imports the package as its users do. */
function checkTypeScript(blocks: readonly { document: string; text: string }[]): void {
  const folder = join(root, ".cache/docs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  blocks.forEach(({ text }, index) =>
    writeFileSync(
      join(folder, `block_${index}.ts`),
      `${text.replaceAll('"tilth"', '"../../src/index.ts"')}\nexport {};\n`,
    ),
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts", "../../src/*.d.ts"] }),
  );
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder], {
    encoding: "utf8",
  });
  for (const line of tsc.stdout.split("\n").filter((text) => text.includes("error TS"))) {
    const index = Number(/block_(\d+)\.ts/.exec(line)?.[1]);
    faults.push(`${blocks[index]?.document ?? "?"}: ${line}`);
  }
  if (tsc.status !== 0 && !tsc.stdout.includes("error TS")) faults.push(`the compiler did not run: ${tsc.stderr}`);
}

async function main(): Promise<void> {
  const code: { document: string; text: string }[] = [];
  for (const document of listDocuments()) {
    const text = readFileSync(join(root, document), "utf8");
    const blocks = listBlocks(text);
    checkCommands(document, blocks);
    checkLinks(document, text);
    for (const { language, text: block } of blocks) {
      if (language === "ts") code.push({ document, text: block });
      const fault = language === "yaml" ? await findYamlFault(block, join(root, ".cache/docs-yaml")) : null;
      if (fault !== null) faults.push(`${document}: ${fault}`);
    }
  }
  checkErrorCodes();
  checkTypeScript(code);
  for (const fault of faults) console.error(fault);
  console.log(`docs: ${listDocuments().length} documents, ${code.length} TypeScript blocks, ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
