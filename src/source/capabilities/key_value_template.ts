import { withQuery } from "../query.ts";
import type { TileTemplate } from "./service_description.ts";

export interface KeyValueRequest {
  readonly layer: string;
  readonly style: string;
  /** MIME type. */
  readonly format: string;
  readonly matrixSet: string;
  /** Only those that are chosen: the service knows its defaults. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** GetTile by key-value pairs (OGC 07-057r7, 8.2.2) written as a template. @param endpoint may have parameters of its own, which stay */
export function keyValueTemplate(endpoint: string, request: KeyValueRequest): TileTemplate {
  const { layer, style, format, matrixSet, dimensions } = request;
  const template = withQuery(endpoint, {
    SERVICE: "WMTS",
    VERSION: "1.0.0",
    REQUEST: "GetTile",
    LAYER: layer,
    STYLE: style,
    FORMAT: format,
    TILEMATRIXSET: matrixSet,
    ...dimensions,
    TILEMATRIX: "{TileMatrix}",
    TILEROW: "{TileRow}",
    TILECOL: "{TileCol}",
  });
  return { format, template, matrixSet: null, matrix: null };
}
