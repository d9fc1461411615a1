// Checks who imports whom against layers.json: only downwards, only through a room's door, libraries only where they belong.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
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

/** What is wrong with one import of `file` (a path below src/, or one that begins with `viewer/`); null when nothing is. */
export function findFault(file: string, specifier: string, layers: Layers): string | null {
  const room = file.split("/")[0] ?? "";
  const rules = layers.rooms[room];
  if (rules === undefined && file.includes("/")) return `room '${room}' is not in layers.json`;
  if (!specifier.startsWith("."))
    return rules === undefined ? null : libraryFault(room, specifier, rules.node !== false, layers);
  const target = join(dirname(file), specifier).replace(/^\.\.\/src\//, "");
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

/** Paths below a folder, without tests. */
function listSources(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|\/fixtures\//.test(file));
}

function main(): void {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
  const layers = JSON.parse(readFileSync(join(root, "layers.json"), "utf8")) as Layers;
  const faults: string[] = [];
  const circle = findCircle(layers);
  if (circle !== null) faults.push(`layers.json has a circle: ${circle}`);
  const src = join(root, "src");
  const files = listSources(src);
  // The page is a room of its own, outside of src: it is bundled, not run by Node.
  const page = listSources(join(root, "viewer/src"));
  const sources = [
    ...files.map((file) => [file, join("src", file)]),
    ...page.map((file) => [join("viewer", file), join("viewer/src", file)]),
  ] as [string, string][];
  for (const [file, path] of sources) {
    for (const specifier of listImports(readFileSync(join(root, path), "utf8"))) {
      const fault = findFault(file, specifier, layers);
      if (fault !== null) faults.push(`${path}: ${fault}`);
    }
  }
  const rooms = readdirSync(src).filter((room) => !room.includes("."));
  for (const folder of [...rooms.map((room) => join("src", room)), "viewer"]) {
    const readme = join(root, folder, "README.md");
    if (!existsSync(readme)) faults.push(`${folder} has no README.md`);
    else if (readFileSync(readme, "utf8").split("\n").length > 41)
      faults.push(`${folder}/README.md has more than 40 lines`);
  }
  for (const fault of faults) console.error(fault);
  console.log(`layers: ${sources.length} files of src and viewer, ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
