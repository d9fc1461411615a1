import { TilthError } from "../../core/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import { makeDescription, type ServiceDescription, type ServiceLayer, type Skipped } from "./service_description.ts";
import { wmsLayer } from "./wms_layer.ts";
import { child, children, descend, finite, oneLine, words, type XmlNode } from "./xml_tree.ts";

/** Layers that are read; more are left out and said to be. */
const MAX_LAYERS = 20_000;

/**
 * WMS capabilities 1.3.0 (OGC 06-042, 7.2.4) and 1.1.x (OGC 01-068r3, 7.1.4). Groups come before their layers, which point to them.
 * @param base URL of the document, for relative ones in it; "" for a file
 * @throws `source.invalid` without a capability section
 */
export function parseWms(root: XmlNode, base: string): ServiceDescription {
  const capability = child(root, "Capability");
  if (capability === null)
    throw new TilthError("source.invalid", "expected WMS capabilities with <Capability>, got none; it lists no layers");
  const service = child(root, "Service");
  const getMap = descend(capability, "Request", "GetMap");
  const formats = children(getMap, "Format").map(({ text }) => oneLine(text));
  const skipped: Skipped[] = [];
  return makeDescription({
    kind: "wms",
    title: words(service, "Title"),
    abstract: words(service, "Abstract"),
    version: oneLine(root.attributes["version"] ?? ""),
    provider: words(descend(service, "ContactInformation", "ContactPersonPrimary"), "ContactOrganization"),
    attribution: words(service, "AccessConstraints"),
    layers: listLayers(capability, formats, skipped),
    limits: {
      maxWidth: positive(words(service, "MaxWidth")),
      maxHeight: positive(words(service, "MaxHeight")),
      layerLimit: positive(words(service, "LayerLimit")),
    },
    endpoints: getMapEndpoints(getMap, base),
    skipped,
  });
}

/** Breadth does not matter, order does: a group stands before what it holds. */
function listLayers(capability: XmlNode, formats: readonly string[], skipped: Skipped[]): ServiceLayer[] {
  const layers: ServiceLayer[] = [];
  let left = 0;
  // Depth is bounded by the reader of XML.
  const visit = (node: XmlNode, parent: number | null): void => {
    if (layers.length >= MAX_LAYERS) {
      left += 1;
      return;
    }
    const index = layers.push(wmsLayer(node, parent, formats)) - 1;
    for (const inner of children(node, "Layer")) visit(inner, index);
  };
  for (const node of children(capability, "Layer")) visit(node, null);
  if (left > 0) skipped.push({ what: `${left} layers and groups`, reason: `at most ${MAX_LAYERS} are read` });
  return layers;
}

function positive(text: string): number | null {
  const value = finite(text);
  return value !== null && Number.isInteger(value) && value > 0 ? value : null;
}

function getMapEndpoints(getMap: XmlNode | null, base: string): string[] {
  const urls = children(getMap, "DCPType")
    .map((type) => descend(type, "HTTP", "Get", "OnlineResource")?.attributes["href"] ?? "")
    .map((href) => absoluteUrl(href, base));
  return urls.filter((url): url is string => url !== null);
}
