import { TilthError } from "../core/index.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { templateSource } from "./template_source.ts";
import type { BulkPolicy, SourceInfo, TileSource } from "./tile_source.ts";

/** A source known by name. */
export interface CatalogueEntry {
  name: string;
  title: string;
  attribution: string;
  /** Terms of use, to be read before bulk use. */
  termsUrl: string;
  template: string;
  minZoom: number;
  maxZoom: number;
  bulk: BulkPolicy;
  /** What the policy means for a seed, and what to do instead. */
  note: string;
  /** Hosts that belong to it, as suffixes. */
  hosts: readonly string[];
}

/** Terms were read in November 2026; where they are unclear, bulk use is forbidden here. */
const ENTRIES: readonly CatalogueEntry[] = [
  {
    name: "osm",
    title: "OpenStreetMap standard layer",
    attribution: "© OpenStreetMap contributors",
    termsUrl: "https://operations.osmfoundation.org/policies/tiles/",
    template: "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    minZoom: 0,
    maxZoom: 19,
    bulk: "forbidden",
    note: "bulk downloading is forbidden by the tile usage policy; use a provider that allows it, tiles of your own from an extract, or a source of `tilth sources`",
    hosts: ["tile.openstreetmap.org", "tile.osm.org"],
  },
  {
    name: "opentopomap",
    title: "OpenTopoMap",
    attribution: "© OpenStreetMap contributors, SRTM; map style © OpenTopoMap (CC-BY-SA)",
    termsUrl: "https://opentopomap.org/about",
    template: "https://{a-c}.tile.opentopomap.org/{z}/{x}/{y}.png",
    minZoom: 0,
    maxZoom: 17,
    bulk: "forbidden",
    note: "the servers are run by volunteers and do not allow mass downloads; render your own, or use a source of `tilth sources`",
    hosts: ["tile.opentopomap.org"],
  },
  {
    name: "esri-imagery",
    title: "Esri World Imagery",
    attribution: "Esri, Maxar, Earthstar Geographics, and the GIS User Community",
    termsUrl: "https://www.esri.com/en-us/legal/terms/full-master-agreement",
    template: "https://server.arcgisonline.com/ArcGIS/rest/services/World_Imagery/MapServer/tile/{z}/{y}/{x}",
    minZoom: 0,
    maxZoom: 19,
    bulk: "forbidden",
    note: "offline copies need an agreement with Esri; Esri offers an export service of its own",
    hosts: ["server.arcgisonline.com", "services.arcgisonline.com"],
  },
  {
    name: "google",
    title: "Google Maps tiles",
    attribution: "© Google",
    termsUrl: "https://cloud.google.com/maps-platform/terms",
    template: "https://mt{0-3}.google.com/vt/lyrs=s&x={x}&y={y}&z={z}",
    minZoom: 0,
    maxZoom: 20,
    bulk: "forbidden",
    note: "the terms forbid pre-fetching and caching of tiles",
    hosts: ["google.com", "googleapis.com"],
  },
  {
    name: "bing",
    title: "Bing Maps aerial",
    attribution: "© Microsoft",
    termsUrl: "https://www.microsoft.com/maps/product/terms.html",
    template: "https://ecn.t{0-3}.tiles.virtualearth.net/tiles/a{q}.jpeg?g=1",
    minZoom: 1,
    maxZoom: 19,
    bulk: "forbidden",
    note: "the terms forbid copies for offline use",
    hosts: ["virtualearth.net"],
  },
  {
    name: "terrarium",
    title: "Terrain Tiles on AWS, Terrarium encoding",
    attribution: "Mapzen, and the sources of its attribution page",
    termsUrl: "https://registry.opendata.aws/terrain-tiles/",
    template: "https://s3.amazonaws.com/elevation-tiles-prod/terrarium/{z}/{x}/{y}.png",
    minZoom: 0,
    maxZoom: 15,
    bulk: "allowed",
    note: "open data on AWS; name the sources of the attribution page",
    hosts: [],
  },
  {
    name: "gibs-bluemarble",
    title: "NASA GIBS Blue Marble",
    attribution: "NASA EOSDIS GIBS",
    termsUrl: "https://nasa-gibs.github.io/gibs-api-docs/",
    template:
      "https://gibs.earthdata.nasa.gov/wmts/epsg3857/best/BlueMarble_NextGeneration/default/GoogleMapsCompatible_Level8/{z}/{y}/{x}.jpeg",
    minZoom: 0,
    maxZoom: 8,
    bulk: "allowed",
    note: "NASA data are free to use; GIBS asks that bulk users keep to few connections",
    hosts: [],
  },
  {
    name: "usgs-topo",
    title: "USGS National Map topo",
    attribution: "USGS The National Map",
    termsUrl: "https://www.usgs.gov/information-policies-and-instructions/copyrights-and-credits",
    template: "https://basemap.nationalmap.gov/arcgis/rest/services/USGSTopo/MapServer/tile/{z}/{y}/{x}",
    minZoom: 0,
    maxZoom: 16,
    bulk: "allowed",
    note: "public domain; keep the pace gentle",
    hosts: [],
  },
  {
    name: "basemap-at",
    title: "basemap.at",
    attribution: "basemap.at, CC BY 4.0",
    termsUrl: "https://basemap.at/en/",
    template: "https://mapsneu.wien.gv.at/basemap/geolandbasemap/normal/google3857/{z}/{y}/{x}.png",
    minZoom: 0,
    maxZoom: 19,
    bulk: "allowed",
    note: "open government data under CC BY 4.0",
    hosts: [],
  },
  {
    name: "thunderforest",
    title: "Thunderforest OpenCycleMap",
    attribution: "© Thunderforest, © OpenStreetMap contributors",
    termsUrl: "https://www.thunderforest.com/terms/",
    template: "https://{a-c}.tile.thunderforest.com/cycle/{z}/{x}/{y}.png?apikey=${THUNDERFOREST_KEY}",
    minZoom: 0,
    maxZoom: 22,
    bulk: "ownKey",
    note: "needs a plan that includes bulk use; set THUNDERFOREST_KEY",
    hosts: [],
  },
  {
    name: "maptiler",
    title: "MapTiler Streets",
    attribution: "© MapTiler, © OpenStreetMap contributors",
    termsUrl: "https://www.maptiler.com/terms/",
    template: "https://api.maptiler.com/maps/streets-v2/256/{z}/{x}/{y}.png?key=${MAPTILER_KEY}",
    minZoom: 0,
    maxZoom: 22,
    bulk: "ownKey",
    note: "needs a plan that includes offline copies; set MAPTILER_KEY",
    hosts: [],
  },
];

export function listCatalogue(): readonly CatalogueEntry[] {
  return ENTRIES;
}

/** By its name, in any case; null when there is none. */
export function findCatalogueEntry(name: string): CatalogueEntry | null {
  return ENTRIES.find((entry) => entry.name === name.toLowerCase()) ?? null;
}

export function openCatalogueSource(entry: CatalogueEntry, options: OpenSourceOptions = {}): TileSource {
  requireBulkAllowed({ id: entry.template, title: entry.title, bulk: entry.bulk, termsUrl: entry.termsUrl });
  const { title, attribution, termsUrl, minZoom, maxZoom, bulk } = entry;
  return templateSource(entry.template, options, {
    kind: "catalogue",
    title,
    attribution,
    termsUrl,
    minZoom,
    maxZoom,
    bulk,
  });
}

/**
 * Refuses bulk use of a source whose terms forbid it, also when a URL template merely points at its hosts.
 * @throws `source.policy` with the policy, its link, and what to do instead
 */
export function requireBulkAllowed(info: Pick<SourceInfo, "id" | "title" | "bulk" | "termsUrl">): void {
  const host = hostNameOf(info.id);
  const entry = ENTRIES.find(
    (candidate) =>
      candidate.bulk === "forbidden" &&
      candidate.hosts.some((suffix) => host === suffix || host.endsWith(`.${suffix}`)),
  );
  if (info.bulk !== "forbidden" && entry === undefined) return;
  const why = entry?.note ?? "its terms forbid bulk use";
  const terms = entry?.termsUrl ?? info.termsUrl ?? "the service's own page";
  throw new TilthError("source.policy", `${entry?.title ?? info.title} may not be fetched in bulk: ${why} (${terms})`, {
    fields: { source: info.title, termsUrl: terms },
  });
}

/** As a resolver would read it: lower case, percent codes undone, no root dot; placeholders count as one letter. */
function hostNameOf(url: string): string {
  return (URL.parse(url.replace(/\$?\{[^{}]*\}/g, "0"))?.hostname ?? "").replace(/\.+$/, "");
}
