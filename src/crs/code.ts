/** Old or unofficial names of the same systems. */
const ALIASES: Readonly<Record<string, string>> = {
  "EPSG:900913": "EPSG:3857",
  "EPSG:102100": "EPSG:3857",
  "EPSG:102113": "EPSG:3857",
  "EPSG:3785": "EPSG:3857",
  "ESRI:102100": "EPSG:3857",
  "CRS:84": "OGC:CRS84",
  "OGC:84": "OGC:CRS84",
};

/** `EPSG:3857` out of any usual spelling: `epsg:3857`, `[EPSG:3857]`, `+init=epsg:3857`, `urn:ogc:def:crs:EPSG::3857`, `http://www.opengis.net/def/crs/EPSG/0/3857`. */
export function normalizeCrsCode(text: string): string {
  const trimmed = text
    .trim()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^\+init=(\w+:\w+)$/, "$1");
  const urn = /^urn:(?:x-)?ogc:def:crs:([a-z]+):[^:]*:(\w+)$/i.exec(trimmed);
  const uri =
    /^https?:\/\/www\.opengis\.net\/(?:def\/crs\/([a-z]+)\/[^/]+\/(\w+)|gml\/srs\/([a-z]+)\.xml#(\w+))$/i.exec(trimmed);
  const authority = urn?.[1] ?? uri?.[1] ?? uri?.[3];
  const code = urn?.[2] ?? uri?.[2] ?? uri?.[4];
  const plain = (
    authority !== undefined && code !== undefined ? `${authority}:${code}` : trimmed.replace("::", ":")
  ).toUpperCase();
  return Object.hasOwn(ALIASES, plain) ? (ALIASES[plain] as string) : plain;
}
