import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Threads and child processes run from source. Without this each of them would strip the types of each file anew: 75 ms for a
// thread, and compiled WebAssembly in each, where V8 13.6 now and then frees a wrapper that another thread is about to replace
// (a segmentation fault in Runtime_TierUpWasmToJSWrapper, once in about a thousand threads).
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/tilth-compiled", import.meta.url));

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "viewer/**/*.test.ts"],
    testTimeout: 30_000,
    pool: "forks",
    // The same for the first run, when nothing is cached yet: a wrapper is never replaced.
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
  },
});
