import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { useLoopback, type LoopbackAnswer } from "../../test/support/loopback.ts";
import { mvtTile } from "../../test/support/tile_bytes.ts";
import { templateSource } from "./template_source.ts";
import type { SourceTile } from "./tile_source.ts";

const kit = useLoopback();
const KEY = "s3cr3t-key-0123";

async function fetchOne(answer: LoopbackAnswer, env: Record<string, string> = { KEY }): Promise<SourceTile> {
  const origin = await kit.origin();
  origin.onAny(answer);
  const source = templateSource(origin.url("/${KEY}/{z}/{x}/{y}"), { env, client: kit.client() });
  return source.fetchTile({ z: 0, x: 0, y: 0 });
}

describe("a packed vector tile that is served as it rests, without Content-Encoding,", () => {
  const packed = gzipSync(mvtTile("a layer with a name of some length"));

  test("is kept as it came, and so is one without layers", async () => {
    for (const body of [packed, gzipSync("")])
      expect(await fetchOne({ body })).toMatchObject({ kind: "tile", format: "mvt", data: new Uint8Array(body) });
  });

  test("is refused when it is cut anywhere", async () => {
    for (let length = 20; length < packed.length; length += 3)
      await expect(fetchOne({ body: packed.subarray(0, length) })).rejects.toMatchObject({ code: "tile.truncated" });
  });
});

test("a key is cut out of a message even where the message ends in its middle", async () => {
  for (const [before, after] of [
    ["<html>", "</html>"],
    ["<ServiceExceptionReport><ServiceException>", "</ServiceException>"],
  ] as const) {
    for (let padding = 0; padding < 320; padding += 1) {
      const body = `${before}${"x".repeat(padding)}${KEY}${after}`;
      const error: unknown = await fetchOne({ body }).catch((reason: unknown) => reason);
      expect(JSON.stringify(error)).not.toContain(KEY.slice(0, 6));
    }
  }
});
