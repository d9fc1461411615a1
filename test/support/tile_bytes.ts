import { Buffer } from "node:buffer";
import { deflateSync, crc32 } from "node:zlib";

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A whole grey PNG, valid to its checksums. */
export function pngTile(size = 4, grey = 128): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8;
  const rows = Buffer.alloc(size * (size + 1), grey);
  for (let y = 0; y < size; y++) rows[y * (size + 1)] = 0;
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const parts = [signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat(parts));
}

/** A plain vector tile with one empty layer of version 2. */
export function mvtTile(name = "water"): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(name, "latin1");
  const layer = Buffer.concat([Buffer.from([0x0a, text.length]), text, Buffer.from([0x78, 2])]);
  return new Uint8Array(Buffer.concat([Buffer.from([0x1a, layer.length]), layer]));
}
