import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { noiseTiles, type FaultPlan } from "../../test/origin/index.ts";

export interface TileServer {
  template: string;
  close(): Promise<void>;
}

/** Tiles z0..maxZoom as files behind nginx, in a process of its own; null when nginx is not installed. */
export async function startNginx(maxZoom: number): Promise<TileServer | null> {
  const server = await startNginxOver("png", (folder) => writeTiles(folder, maxZoom));
  return server;
}

/** Whatever `write` puts into a folder as `z/x/y.EXTENSION`, behind nginx; `countRequests` reads its log. */
export async function startNginxOver(
  extension: string,
  write: (folder: string) => Promise<void>,
): Promise<(TileServer & { countRequests(): { all: number; different: number } }) | null> {
  const nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => spawnSync(path, ["-v"]).status === 0);
  if (nginx === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "tilth-nginx-"));
  await write(join(folder, "tiles"));
  const port = await freePort();
  const log = join(folder, "access.log");
  const logging = extension === "png" ? "access_log off;" : `log_format path '$request_uri'; access_log ${log} path;`;
  const config = `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log; user root;
events { worker_connections 1024; }
http { ${logging} sendfile on; keepalive_requests 1000000; types { image/png png; image/jpeg jpg; }
client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
server { listen 127.0.0.1:${port} backlog=1024; root ${folder}; } }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  const child = spawn(nginx, ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  await waitForPort(port);
  writeFileSync(log, "");
  return {
    template: `http://127.0.0.1:${port}/tiles/{z}/{x}/{y}.${extension}`,
    countRequests: () => {
      const lines = readFileSync(log, "utf8").split("\n").filter(Boolean);
      writeFileSync(log, "");
      return { all: lines.length, different: new Set(lines).size };
    },
    close: async () => {
      await endProcess(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The project's own origin in a process of its own. */
export async function startOriginProcess(settings: {
  kind: "noise" | "world";
  latencyMs?: number;
  faults?: FaultPlan;
}): Promise<TileServer & { countRequests(): Promise<number> }> {
  const main = fileURLToPath(new URL("../../test/origin/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [line] = await new Promise<string[]>((resolve) => {
    if (child.stdout === null) return resolve([]);
    createInterface(child.stdout).once("line", (text) => resolve([text]));
  });
  const { template } = JSON.parse(line ?? "{}") as { template: string };
  const countRequests = async (): Promise<number> => {
    const answer = new Promise<number>((resolve) =>
      child.once("message", (message) => resolve((message as { requests: number }).requests)),
    );
    child.send("requests");
    return answer;
  };
  return { template, countRequests, close: () => endProcess(child) };
}

async function writeTiles(folder: string, maxZoom: number): Promise<void> {
  const tiles = await noiseTiles();
  for (let z = 0; z <= maxZoom; z++) {
    for (let x = 0; x < 2 ** z; x++) {
      mkdirSync(join(folder, String(z), String(x)), { recursive: true });
      for (let y = 0; y < 2 ** z; y++) {
        const tile = await tiles(z, x, y, 1);
        if (tile !== null) writeFileSync(join(folder, String(z), String(x), `${y}.png`), tile.data);
      }
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function waitForPort(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(`http://127.0.0.1:${port}/tiles/0/0/0.png`).then(
      (response) => response.status > 0,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}
