import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { backgroundPlugin } from "./background/plugin.ts";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // The page may stand behind a prefix of a proxy.
  base: "./",
  plugins: [backgroundPlugin()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("../dist/viewer", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // A data: address would have to be allowed for scripts and fonts as well.
    assetsInlineLimit: 0,
    // The finer world is 540 kB of text, loaded when somebody looks closer.
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
  },
  // `npm exec -- vite viewer` beside `tilth serve`, while working on the page.
  server: {
    proxy: Object.fromEntries(["/api", "/tiles"].map((path) => [path, "http://127.0.0.1:8765"])),
  },
});
