import { TilthError } from "../../core/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { PIXEL_TYPES, type PixelType } from "../../raster/index.ts";
import { RESAMPLINGS, type Resampling } from "../../reproject/index.ts";
import { oneOf } from "../arguments.ts";

/** `minX,minY,maxX,maxY` in units of a CRS. @throws `bbox.invalid` */
export function parseExtent(text: string): Bbox {
  const numbers = numbersOf(text);
  const [minX, minY, maxX, maxY] = numbers;
  if (numbers.length === 4 && minX !== undefined && minY !== undefined && maxX !== undefined && maxY !== undefined)
    if (minX < maxX && minY < maxY) return [minX, minY, maxX, maxY];
  throw new TilthError("bbox.invalid", `expected --extent minX,minY,maxX,maxY in units of the CRS, got '${text}'`);
}

/** One number, or two for x and y. @throws `argument.invalid` */
export function parseResolution(text: string): readonly [x: number, y: number] {
  const [x, y = x, ...more] = numbersOf(text);
  if (x !== undefined && y !== undefined && more.length === 0 && x > 0 && y > 0) return [x, y];
  throw new TilthError("argument.invalid", `expected --resolution N or X,Y in units of the CRS, got '${text}'`);
}

/** `WIDTHxHEIGHT` in pixels. @throws `argument.invalid` */
export function parseSize(text: string): readonly [width: number, height: number] {
  const match = /^(\d{1,9})[x,](\d{1,9})$/.exec(text.trim());
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (width >= 1 && height >= 1) return [width, height];
  throw new TilthError("argument.invalid", `expected --size WIDTHxHEIGHT in pixels, got '${text}'`);
}

/** `least,most`. @throws `argument.invalid` */
export function parseStretch(text: string): readonly [least: number, most: number] {
  const [least, most, ...more] = numbersOf(text);
  if (least !== undefined && most !== undefined && more.length === 0 && least < most) return [least, most];
  throw new TilthError("argument.invalid", `expected --stretch least,most, got '${text}'`);
}

/** A number, or `nan`. @throws `argument.invalid` */
export function parseNodata(text: string): number {
  if (/^nan$/i.test(text.trim())) return Number.NaN;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isNaN(value)) return value;
  throw new TilthError("argument.invalid", `expected --nodata as a number or nan, got '${text}'`);
}

export function parseResampling(text: string): Resampling {
  return oneOf("--resampling", text, RESAMPLINGS);
}

export function parsePixelType(text: string): PixelType {
  return oneOf("--type", text, PIXEL_TYPES);
}

function numbersOf(text: string): number[] {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : [];
}
