import { createGunzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { TilthError } from "../../core/index.ts";
import { openFileReader } from "../byte_reader.ts";
import type { OsmInput } from "./osm_input.ts";
import { xmlDecoder } from "../text/xml_encoding.ts";
import { CutInput } from "./cut_input.ts";
import { PbfInput } from "./pbf_input.ts";
import { TextInput } from "./text_input.ts";

const HEAD_BYTES = 1024;

/**
 * An extract by what its first bytes are, whatever it is called: `.osm.pbf`, `.osm` XML, Overpass JSON, the latter two gzipped or not.
 * @throws `store.missing`, `osm.invalid`, `osm.unsupported`
 */
export async function openOsmFile(path: string): Promise<OsmInput> {
  await using reader = await openFileReader(path);
  const head = await reader.read(HEAD_BYTES);
  if (isPbf(head)) return new PbfInput(path);
  const isGzipped = head[0] === 0x1f && head[1] === 0x8b;
  const start = isGzipped ? await gunzippedHead(path) : head;
  const text = xmlDecoder(start).decode(start).trimStart();
  const format = text.startsWith("<") ? "xml" : text.startsWith("{") ? "json" : null;
  if (format !== null) return isGzipped ? new TextInput(path, format, true) : new CutInput(path, format);
  if (Buffer.from(head.subarray(0, 3)).toString("latin1") === "BZh")
    throw new TilthError("osm.unsupported", `${path} is packed with bzip2; unpack it first: bunzip2 ${path}`);
  throw new TilthError(
    "osm.invalid",
    `expected ${path} to be .osm.pbf, .osm XML or Overpass JSON, got ${head.byteLength === 0 ? "an empty file" : "something else"}`,
    {
      fields: { path },
    },
  );
}

/** A length below 64 KiB, then field 1 of a BlobHeader. */
function isPbf(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && Buffer.from(head.subarray(4, 16)).includes("OSM");
}

async function gunzippedHead(path: string): Promise<Uint8Array> {
  const file = createReadStream(path, { end: 64 * 1024 });
  const stream = file.pipe(createGunzip());
  try {
    for await (const piece of stream) return (piece as Buffer).subarray(0, HEAD_BYTES);
    return new Uint8Array();
  } catch (cause) {
    throw new TilthError("osm.invalid", `expected ${path} to be gzip, got damaged bytes`, { cause });
  } finally {
    file.destroy();
    stream.destroy();
  }
}
