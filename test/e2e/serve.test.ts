import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { webMercatorQuad } from "../../src/grid/index.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const folder = useTempFolder();
let stop: (() => Promise<number | null>) | null = null;

afterEach(async () => {
  await stop?.();
  stop = null;
});

async function writeArchive(name: string): Promise<string> {
  const path = folder.path(name);
  const store = await openStore(path, { mode: "write", grid: webMercatorQuad(), metadata: { title: "A world" } });
  await store.putMany([{ kind: "tile", tile: { z: 1, x: 1, y: 0 }, data: PNG, fetchedAtMs: 1 }]);
  await store.close();
  return path;
}

/** What the command says on its first line, with `--json`. */
async function serve(...args: string[]): Promise<{ url: string; caches: string[] }> {
  const child = spawn(process.execPath, [MAIN, "serve", ...args, "--port", "0", "--json", "--quiet"]);
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  stop = async () => {
    child.kill("SIGINT");
    return exited;
  };
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as never;
  throw new Error(`serve ended with ${await exited}`);
}

describe("tilth serve", () => {
  test("gives the tiles of files, and ends when it is told to", async () => {
    const { url, caches } = await serve(await writeArchive("one.gpkg"), await writeArchive("two.mbtiles"));
    expect(caches).toEqual(["one", "two"]);
    for (const cache of caches) {
      const answer = await fetch(`${url}/tiles/${cache}/1/1/0.png`);
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
    }
    expect((await fetch(`${url}/tiles/one/1/0/0`)).status).toBe(404);
    expect(await stop?.()).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  test("leaves the files as they were", async () => {
    const path = await writeArchive("one.gpkg");
    const { url } = await serve(path);
    await (await fetch(`${url}/tiles/one/1/1/0`)).arrayBuffer();
    await stop?.();
    expect(await readdir(folder.path("."))).toEqual(["one.gpkg"]);
  });
});
