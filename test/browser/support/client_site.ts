import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const CLIENTS = ["maplibre", "openlayers"];

/** MapLibre stays as it is shipped: it looks for its worker beside itself. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Somebody else's map</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/maplibre/maplibre-gl.css">
    <style>html, body, #map { margin: 0; width: 100%; height: 100%; background: white }</style>
    <script type="importmap">{ "imports": { "maplibre-gl": "/maplibre/maplibre-gl.mjs" } }</script>
    ${CLIENTS.map((name) => `<script type="module" src="/${name}.js"></script>`).join("\n    ")}
  </head>
  <body><div id="map"></div></body>
</html>
`;

export interface ClientSite {
  /** Of a page that has `window.clients`, on an origin of its own. */
  readonly url: string;
  close: () => Promise<void>;
}

/** A page of another origin that draws maps with what other people use. */
export async function startClientSite(): Promise<ClientSite> {
  const scripts = await bundleClients();
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "/";
    read(path, scripts).then(
      (body) => response.writeHead(200, { "content-type": mediaTypeOf(path) }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

async function bundleClients(): Promise<Map<string, string>> {
  const bundle = await rolldown({
    input: Object.fromEntries(CLIENTS.map((name) => [name, `${root}test/browser/clients/${name}.ts`])),
    platform: "browser",
    external: ["maplibre-gl"],
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return new Map(output.map((file) => [`/${file.fileName}`, "code" in file ? file.code : String(file.source)]));
}

async function read(path: string, scripts: ReadonlyMap<string, string>): Promise<string | Buffer> {
  if (path === "/") return PAGE;
  if (path.startsWith("/maplibre/")) return readFile(`${root}node_modules/maplibre-gl/dist/${basename(path)}`);
  const script = scripts.get(path);
  if (script === undefined) throw new Error(`there is no ${path}`);
  return script;
}

function mediaTypeOf(path: string): string {
  if (path.endsWith(".css")) return "text/css";
  return path === "/" ? "text/html" : "text/javascript";
}
