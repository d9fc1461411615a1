import { TilthError } from "../../core/index.ts";
import { normalizeCrsCode } from "../../crs/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import {
  makeDescription,
  makeLayer,
  type ServiceDescription,
  type ServiceLayer,
  type Skipped,
} from "./service_description.ts";
import { tmsBounds, tmsMatrixSet } from "./tms_matrix_set.ts";
import { child, children, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** Maps of one service that are read. */
const MAX_MAPS = 20_000;

/** The root of a server: its services, each with a document of its own (OSGeo Tile Map Service Specification 1.0.0, Services). */
export function parseTmsRoot(root: XmlNode, base: string): ServiceDescription {
  const skipped: Skipped[] = [];
  const services = children(root, "TileMapService").slice(0, MAX_MAPS);
  const layers = services.flatMap((node) => linkedLayer(node, base, skipped));
  return makeDescription({ kind: "tms", title: words(root, "Title"), version: "1.0.0", layers, skipped });
}

/** A list of tile maps, each with a document of its own (TMS 1.0.0, TileMapService). */
export function parseTileMapService(root: XmlNode, base: string): ServiceDescription {
  const skipped: Skipped[] = [];
  const maps = children(child(root, "TileMaps"), "TileMap").slice(0, MAX_MAPS);
  return makeDescription({
    kind: "tms",
    title: words(root, "Title"),
    abstract: words(root, "Abstract"),
    version: oneLine(root.attributes["version"] ?? "1.0.0"),
    layers: maps.flatMap((node) => linkedLayer(node, base, skipped)),
    skipped,
  });
}

/** Its name is the last part of its link: titles are for people, and not always different. */
function linkedLayer({ attributes }: XmlNode, base: string, skipped: Skipped[]): ServiceLayer[] {
  const link = absoluteUrl(attributes["href"] ?? "", base);
  const title = oneLine(attributes["title"] ?? "");
  if (link === null) {
    skipped.push({ what: `map '${title}'`, reason: "its link is no http URL, or relative to nothing" });
    return [];
  }
  const name = oneLine(link.replace(/\/+$/, "").split("/").at(-1) ?? title);
  const [crs, format] = [oneLine(attributes["srs"] ?? ""), oneLine(attributes["extension"] ?? "")];
  const formats = format === "" ? [] : [format];
  return [makeLayer({ name, title: title || name, link, formats, crs: crs === "" ? [] : [crs] })];
}

/**
 * One tile map (OSGeo TMS 1.0.0, TileMap), with the ways in which gdal2tiles and others write it.
 * @param base URL of the document: tile sets are relative to its folder; "" for a file
 * @throws `source.invalid` without tile sets
 */
export function parseTileMap(root: XmlNode, base: string): ServiceDescription {
  const skipped: Skipped[] = [];
  // The French Geoplateforme calls the list of tile sets <TileMap> too.
  const holder = child(root, "TileSets") ?? child(root, "TileMap");
  const sets = children(holder, "TileSet");
  if (sets.length === 0) throw new TilthError("source.invalid", "expected a TileMap with <TileSet>, got none");
  const format = child(root, "TileFormat")?.attributes ?? {};
  const extension = oneLine(format["extension"] ?? "png").replace(/^\./, "");
  const matrixSet = tmsMatrixSet(root, sets, oneLine(holder?.attributes["profile"] ?? ""), skipped);
  const fromBottom = matrixSet.matrices[0]?.cornerOfOrigin !== "topLeft";
  const templates = sets.flatMap(({ attributes }) => {
    const folder = absoluteUrl(attributes["href"] ?? "", base);
    if (folder === null) return [];
    const template = `${folder.replace(/\/+$/, "")}/{x}/${fromBottom ? "{-y}" : "{y}"}.${extension}`;
    return [
      {
        format: oneLine(format["mime-type"] ?? ""),
        template,
        matrixSet: null,
        matrix: oneLine(attributes["order"] ?? ""),
      },
    ];
  });
  if (templates.length < sets.length)
    skipped.push({ what: `${sets.length - templates.length} tile sets`, reason: "their folders are no http URLs" });
  const title = words(root, "Title");
  const layer = makeLayer({
    name: title || "tiles",
    title,
    abstract: words(root, "Abstract"),
    formats: [oneLine(format["mime-type"] ?? "")],
    bounds: tmsBounds(root, normalizeCrsCode(matrixSet.crs)),
    matrixSets: [{ id: matrixSet.id, limits: null, link: null }],
    templates,
  });
  const version = oneLine(root.attributes["version"] ?? "1.0.0");
  return makeDescription({ kind: "tms", title, version, layers: [layer], matrixSets: [matrixSet], skipped });
}
