import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Threads and child processes run from source. Without this each of them would strip the types of each file anew: 75 ms for a
// thread, and compiled WebAssembly in each, where V8 13.6 now and then frees a wrapper that another thread is about to replace
// (a segmentation fault in Runtime_TierUpWasmToJSWrapper, once in about a thousand threads).
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/tilth-compiled", import.meta.url));

const BROWSER_TESTS = "test/browser/**/*.test.ts";

export default defineConfig({
  test: {
    testTimeout: 30_000,
    pool: "forks",
    // The same for the first run, when nothing is cached yet: a wrapper is never replaced.
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "viewer/**/*.test.ts"],
          exclude: [BROWSER_TESTS, "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          expect: { poll: { timeout: 8_000 } },
          // A browser starts and jobs warp whole caches before the first test.
          hookTimeout: 60_000,
          include: [BROWSER_TESTS],
          // Builds the page and unpacks the browser, once.
          globalSetup: "test/browser/support/global_setup.ts",
          // One browser at a time: each draws on all cores.
          fileParallelism: false,
        },
      },
    ],
  },
});
