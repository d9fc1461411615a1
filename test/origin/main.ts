// The origin as a process of its own: node test/origin/main.ts '{"kind":"noise","latencyMs":40}'; prints its URL as JSON and serves until it is ended.
import { archiveTiles, noiseTiles, startOrigin, worldTiles, type FaultPlan, type TileProvider } from "./index.ts";

interface Settings {
  kind?: "noise" | "world" | "archive";
  path?: string;
  layer?: string;
  latencyMs?: number;
  faults?: FaultPlan;
  port?: number;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;

async function providerOf({ kind = "world", path, layer }: Settings): Promise<TileProvider> {
  if (kind === "noise") return noiseTiles();
  if (kind === "world") return worldTiles();
  if (path === undefined) throw new Error("expected `path` of an archive");
  return (await archiveTiles(path, layer)).tiles;
}

const { latencyMs, faults, port } = settings;
const origin = await startOrigin({ tiles: await providerOf(settings), latencyMs, faults, port });
process.on("message", (message) => {
  if (message === "requests") process.send?.({ requests: origin.requests.total });
});
process.on("disconnect", () => process.exit(0));
console.log(JSON.stringify({ url: origin.url, template: origin.template }));
