import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { inject } from "vitest";
import { Workspace, type ServeConfig, type WorkspaceOptions } from "../../../src/config/index.ts";
import { startServer, type ListenOptions } from "../../../src/server/index.ts";
import { startOrigin, type Origin, type OriginOptions, type TileProvider } from "../../origin/index.ts";

type ConfiguredCache = ServeConfig["caches"][string];

export interface Site {
  /** Of the page, with a slash at the end. */
  readonly url: string;
  readonly origin: Origin;
  /** Where jobs write. */
  readonly data: string;
  close: () => Promise<void>;
}

export interface SiteOptions {
  workspace?: Omit<WorkspaceOptions, "dataFolder">;
  /** Live caches by name; their files lie in the data folder. */
  caches?: (origin: Origin) => Record<string, Omit<Partial<ConfiguredCache>, "file">>;
  /** Writes into the data folder before the server looks at it. */
  prepare?: (data: string) => Promise<void>;
  server?: Partial<ListenOptions>;
  origin?: Partial<OriginOptions>;
  /** Jobs that are done before anybody looks: bodies of `POST /api/jobs`, `ORIGIN` standing for the origin's template. */
  jobs?: readonly Record<string, unknown>[];
}

/** The real server with the built page, and a tile service on loopback that it may ask. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const data = mkdtempSync(join(tmpdir(), "tilth-site-"));
  await options.prepare?.(data);
  const origin = await startOrigin({ tiles: await plainTiles(), ...options.origin });
  const workspace = await Workspace.open({
    allowHosts: [new URL(origin.url).host],
    allowPrivate: ["127.0.0.0/8"],
    config: configOf(options.caches?.(origin) ?? {}, data),
    ...options.workspace,
    dataFolder: data,
  });
  const server = await startServer({ port: 0, pageFolder: inject("page"), ...options.server, workspace });
  const close = async (): Promise<void> => {
    await server.close();
    await origin.close();
    rmSync(data, { recursive: true, force: true });
  };
  for (const job of options.jobs ?? []) await runJob(server.url, { source: origin.template, ...job });
  return { url: `${server.url}/`, origin, data, close };
}

function configOf(caches: Record<string, Partial<ConfiguredCache>>, data: string): ServeConfig {
  const made = Object.entries(caches).map(([name, cache]) => [
    name,
    { staleRefreshes: 16, ...cache, file: join(data, `${name}.gpkg`) },
  ]);
  const named = Object.fromEntries(made) as ServeConfig["caches"];
  return { version: 1, server: {}, sources: {}, caches: named, hosts: {} };
}

/** Starts a job and waits for its end. */
export async function runJob(url: string, request: Record<string, unknown>): Promise<void> {
  const headers = { "content-type": "application/json" };
  const created = await fetch(`${url}/api/jobs`, { method: "POST", headers, body: JSON.stringify(request) });
  let job = (await created.json()) as { id: string; state: string };
  while (["queued", "running"].includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    job = (await (await fetch(`${url}/api/jobs/${job.id}`)).json()) as typeof job;
  }
  if (job.state !== "done") throw new Error(`expected the job to be done, got ${JSON.stringify(job)}`);
}

/** Colours of tiles: red, green and blue by column, row and level, so that a pixel tells its tile. */
export function colourOf(z: number, x: number, y: number): [number, number, number] {
  return [40 + (x % 5) * 40, 40 + (y % 5) * 40, 40 + (z % 5) * 40];
}

/** Tiles of one colour each. */
export async function plainTiles(): Promise<TileProvider> {
  const made = new Map<string, Buffer>();
  return async (z, x, y) => {
    const [r, g, b] = colourOf(z, x, y);
    const key = `${r} ${g} ${b}`;
    let data = made.get(key);
    if (data === undefined) {
      data = await sharp({ create: { width: 256, height: 256, channels: 3, background: { r, g, b } } })
        .png()
        .toBuffer();
      made.set(key, data);
    }
    return x < 2 ** z && y < 2 ** z ? { data, mimeType: "image/png" } : null;
  };
}
