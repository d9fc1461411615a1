import { TilthError } from "../../core/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import {
  makeDescription,
  type ServiceDescription,
  type ServiceMatrix,
  type ServiceMatrixSet,
  type Skipped,
} from "./service_description.ts";
import { wmtsLayer } from "./wmts_layer.ts";
import { child, children, descend, finite, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** Layers, sets and levels that are read; more are left out and said to be. */
const MAX_LAYERS = 20_000;
const MAX_SETS = 1000;
const MAX_LEVELS = 64;

/**
 * WMTS 1.0.0 capabilities (OGC 07-057r7, 7.1).
 * @param base URL of the document, for relative ones in it; "" for a file
 * @throws `source.invalid` without contents
 */
export function parseWmts(root: XmlNode, base: string): ServiceDescription {
  const contents = child(root, "Contents");
  if (contents === null)
    throw new TilthError("source.invalid", "expected WMTS capabilities with <Contents>, got none; it lists no layers");
  const skipped: Skipped[] = [];
  const identification = child(root, "ServiceIdentification");
  const layers = children(contents, "Layer");
  const sets = children(contents, "TileMatrixSet");
  if (layers.length > MAX_LAYERS) skipped.push(tooMany("layers", layers.length, MAX_LAYERS));
  if (sets.length > MAX_SETS) skipped.push(tooMany("tile matrix sets", sets.length, MAX_SETS));
  return makeDescription({
    kind: "wmts",
    title: words(identification, "Title"),
    abstract: words(identification, "Abstract"),
    version: oneLine(root.attributes["version"] ?? "1.0.0"),
    provider: words(child(root, "ServiceProvider"), "ProviderName"),
    attribution: words(identification, "AccessConstraints"),
    layers: layers.slice(0, MAX_LAYERS).flatMap((node) => wmtsLayer(node, base, skipped)),
    matrixSets: sets.slice(0, MAX_SETS).map((node) => wmtsMatrixSet(node, skipped)),
    endpoints: keyValueEndpoints(root, base),
    skipped,
  });
}

const tooMany = (what: string, count: number, max: number): Skipped => ({
  what: `${count - max} of ${count} ${what}`,
  reason: `at most ${max} are read`,
});

function wmtsMatrixSet(node: XmlNode, skipped: Skipped[]): ServiceMatrixSet {
  const id = words(node, "Identifier");
  const all = children(node, "TileMatrix");
  const matrices = all.slice(0, MAX_LEVELS).flatMap((one) => {
    const matrix = wmtsMatrix(one);
    if (matrix === null)
      skipped.push({ what: `matrix ${words(one, "Identifier")} of ${id}`, reason: "a number is missing or wrong" });
    return matrix ?? [];
  });
  const problem = all.length > MAX_LEVELS ? `it has ${all.length} levels; at most ${MAX_LEVELS} are read` : null;
  return { id, title: words(node, "Title") || id, crs: words(node, "SupportedCRS"), matrices, problem, link: null };
}

/** null when a number is missing or out of range. */
function wmtsMatrix(node: XmlNode): ServiceMatrix | null {
  const [first, second] = words(node, "TopLeftCorner")
    .split(/[\s,]+/)
    .map(finite);
  const scaleDenominator = finite(words(node, "ScaleDenominator"));
  const [tileWidth, tileHeight] = ["TileWidth", "TileHeight"].map((name) => count(words(node, name), 16_384));
  const [matrixWidth, matrixHeight] = ["MatrixWidth", "MatrixHeight"].map((name) => count(words(node, name), 2 ** 40));
  if (typeof first !== "number" || typeof second !== "number" || scaleDenominator === null || scaleDenominator <= 0)
    return null;
  if (!tileWidth || !tileHeight || !matrixWidth || !matrixHeight) return null;
  return {
    id: words(node, "Identifier"),
    scaleDenominator,
    cellSize: null,
    corner: [first, second],
    cornerOrder: "authority",
    cornerOfOrigin: "topLeft",
    tileWidth,
    tileHeight,
    matrixWidth,
    matrixHeight,
  };
}

/** A whole number within 1..max; null for anything else. */
function count(text: string, max: number): number | null {
  const value = finite(text);
  return value !== null && Number.isInteger(value) && value >= 1 && value <= max ? value : null;
}

/** Where GetTile by key-value pairs goes: a Get without a constraint may be asked in any way (OGC 07-057r7, 8.2.1). */
function keyValueEndpoints(root: XmlNode, base: string): string[] {
  const operations = children(child(root, "OperationsMetadata"), "Operation");
  const getTile = operations.find(({ attributes }) => attributes["name"] === "GetTile") ?? null;
  const gets = children(getTile, "DCP").flatMap((dcp) => children(descend(dcp, "HTTP"), "Get"));
  const urls = gets.filter(takesKeyValues).map(({ attributes }) => absoluteUrl(attributes["href"] ?? "", base));
  return urls.filter((url): url is string => url !== null);
}

function takesKeyValues(get: XmlNode): boolean {
  const values = children(get, "Constraint")
    .filter(({ attributes }) => attributes["name"] === "GetEncoding")
    .flatMap((constraint) => children(child(constraint, "AllowedValues"), "Value"));
  return values.length === 0 || values.some(({ text }) => text.toUpperCase() === "KVP");
}
