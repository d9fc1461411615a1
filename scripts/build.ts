// Builds dist/ from src/: JavaScript in a few files, because loading 300 takes 80 ms longer at every start, and declarations. (Node does not strip types inside
// of node_modules.) Libraries stay outside. The page of the server goes to dist/viewer, its libraries within.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown, type Plugin } from "rolldown";
import { build as buildPage } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

/** What is loaded by name: the library, the program, and the modules of threads. Paths within src, without extension. */
function listEntries(): string[] {
  const entries = ["index", "cli/main"];
  for (const file of globSync("**/*.ts", { cwd: src, exclude: ["**/fixtures/**", "**/*.test.ts"] })) {
    const text = readFileSync(join(src, file), "utf8");
    // At the beginning of an expression, not in a comment's example.
    for (const [, path] of text.matchAll(/^[^*]*workerModuleUrl\("(.+?)", import\.meta\.url\)/gm))
      entries.push(join(dirname(file), path as string));
  }
  return [...new Set(entries)];
}

/** `import.meta.url` goes on to mean the module's own place, wherever its code is put: files beside it are found by it. */
const keepUrls: Plugin = {
  name: "keep-urls",
  transform(code, id) {
    if (!id.startsWith(src) || !code.includes("import.meta.url")) return null;
    const path = relative(src, id).replace(/\.ts$/, ".js");
    return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(path)}, __DIST_URL__).href`);
  },
  renderChunk(code, { fileName }) {
    if (!code.includes("__DIST_URL__")) return null;
    const up = "../".repeat(fileName.split("/").length - 1) || "./";
    return code.replaceAll("__DIST_URL__", `new URL("${up}", import.meta.url)`);
  },
};

async function bundle(): Promise<void> {
  const bundled = await rolldown({
    input: Object.fromEntries(listEntries().map((entry) => [entry, join(src, `${entry}.ts`)])),
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    plugins: [keepUrls],
    // A thread loads what it calls, not all that stands beside it in a room.
    treeshake: { moduleSideEffects: false },
  });
  await bundled.write({
    dir: join(root, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
  });
}

function declare(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}

rmSync(join(root, "dist"), { recursive: true, force: true });
declare();
await bundle();
await buildPage({ configFile: join(root, "viewer/vite.config.ts"), logLevel: "warn" });
