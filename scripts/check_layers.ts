// Checks who imports whom against layers.json: only downwards, only through a room's door, libraries only where they belong.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

interface Layers {
  rooms: Record<string, { imports: string[] | "*"; node?: boolean }>;
  libraries: Record<string, string[]>;
}

/** Import and export specifiers of a file, dynamic ones included. */
export function listImports(text: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** What is wrong with one import of `file` (a path below src/); null when nothing is. */
export function findFault(file: string, specifier: string, layers: Layers): string | null {
  const room = file.split("/")[0] ?? "";
  const rules = layers.rooms[room];
  if (rules === undefined && file.includes("/")) return `room '${room}' is not in layers.json`;
  if (!specifier.startsWith("."))
    return rules === undefined ? null : libraryFault(room, specifier, rules.node !== false, layers);
  const target = join(dirname(file), specifier);
  const [targetRoom = "", ...rest] = target.split("/");
  if (targetRoom === room) {
    const doorAbove = rest.join("/") === "index.ts" && !file.endsWith("index.ts");
    return doorAbove ? `imports its own door ${target}` : null;
  }
  if (target.startsWith("..")) return `imports from outside of src: ${target}`;
  if (rules !== undefined && rules.imports !== "*" && !rules.imports.includes(targetRoom))
    return `'${room}' may not import '${targetRoom}'`;
  return rest.join("/") === "index.ts" ? null : `imports past the door of '${targetRoom}': ${target}`;
}

function libraryFault(room: string, specifier: string, nodeAllowed: boolean, layers: Layers): string | null {
  if (isBuiltin(specifier) && !nodeAllowed) return `'${room}' must run without Node, but imports ${specifier}`;
  const owners =
    layers.libraries[specifier] ??
    layers.libraries[
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/")
    ];
  return owners !== undefined && !owners.includes(room)
    ? `${specifier} belongs to ${owners.join(", ")}, not to '${room}'`
    : null;
}

/** Rooms that import each other, directly or over others; the table itself must have no circle. */
export function findCircle(layers: Layers): string | null {
  const visit = (room: string, path: string[]): string | null => {
    if (path.includes(room)) return [...path, room].join(" -> ");
    const imports = layers.rooms[room]?.imports ?? [];
    if (imports === "*") return null;
    for (const next of imports) {
      const circle = visit(next, [...path, room]);
      if (circle !== null) return circle;
    }
    return null;
  };
  for (const room of Object.keys(layers.rooms)) {
    const circle = visit(room, []);
    if (circle !== null) return circle;
  }
  return null;
}

function main(): void {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
  const layers = JSON.parse(readFileSync(join(root, "layers.json"), "utf8")) as Layers;
  const faults: string[] = [];
  const circle = findCircle(layers);
  if (circle !== null) faults.push(`layers.json has a circle: ${circle}`);
  const src = join(root, "src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/\.test\.ts$|\/fixtures\//.test(file),
  );
  for (const file of files) {
    for (const specifier of listImports(readFileSync(join(src, file), "utf8"))) {
      const fault = findFault(file, specifier, layers);
      if (fault !== null) faults.push(`src/${file}: ${fault}`);
    }
  }
  for (const room of readdirSync(src)) {
    if (room.includes(".")) continue;
    if (!existsSync(join(src, room, "README.md"))) faults.push(`src/${room} has no README.md`);
    else if (readFileSync(join(src, room, "README.md"), "utf8").split("\n").length > 41)
      faults.push(`src/${room}/README.md has more than 40 lines`);
  }
  for (const fault of faults) console.error(fault);
  console.log(`layers: ${files.length} files of ${relative(root, src)}, ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
