import { type BandInfo, type RasterInfo } from "../../raster/index.ts";
import { EXIT } from "../exit_codes.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";

/** What a raster says of itself: its header alone is read. */
export async function runRasterInfo(file: string, options: GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  await using raster = await openInput(file, { threads: 0, signal: stop.signal });
  const { info } = raster;
  const { crs, palette, ...rest } = info;
  const json = {
    file: shownName(file),
    ...rest,
    crs: crs?.code ?? null,
    paletteSize: palette === null ? 0 : palette.length / 4,
  };
  terminal.answer(json, formatRasterInfo(shownName(file), info));
  return EXIT.whole;
}

/** For people: a line for each thing. */
export function formatRasterInfo(file: string, info: RasterInfo): string {
  const { width, height, block, overviews, affine } = info;
  const lines = [
    `${file}: ${info.format}, ${width} x ${height} pixels, ${info.bands.length} bands`,
    `CRS ${info.crs?.code ?? "none"} (${info.crsNote})`,
    affine === null
      ? `no place: ${info.placeNote}`
      : `affine ${affine.join(", ")} (of corners; the file's pixels are ${info.pixelIs}s)`,
    `blocks ${block.width} x ${block.height}, compression ${info.compression}, mask ${info.mask}`,
    `overviews ${overviews.length === 0 ? "none" : overviews.map((each) => `${each.width} x ${each.height}`).join(", ")}`,
    ...info.bands.map(formatBand),
    ...Object.entries(info.metadata).map(([name, value]) => `  ${name}=${value}`),
  ];
  return lines.join("\n");
}

function formatBand({ type, color, nodata, description, scale, offset, unit }: BandInfo, index: number): string {
  const words = [`band ${index + 1}: ${type}, ${color}`];
  if (description !== "") words.push(description);
  if (nodata !== null) words.push(`nodata ${nodata}`);
  if (scale !== 1 || offset !== 0) words.push(`scale ${scale}, offset ${offset}`);
  if (unit !== "") words.push(`unit ${unit}`);
  return words.join(", ");
}
