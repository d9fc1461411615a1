// Small descriptions of made-up services, written for the tests. Scale denominators and their pixels are those that OGC 07-057r7 prints in annex E.

/** GoogleMapsCompatible (E.4): zoom 0 is one tile with pixels of 156543.0339280410 m. */
export const GOOGLE_SCALE = 559_082_264.028_717_8;
/** GlobalCRS84Pixel (E.2): the first level has pixels of 2 degrees. */
export const PIXEL_SCALE = 795_139_219.951_954_1;

export interface MatrixParts {
  id: string;
  scale: number;
  corner: string;
  width: number;
  height: number;
  tileWidth?: number;
  tileHeight?: number;
}

export function matrixXml({
  id,
  scale,
  corner,
  width,
  height,
  tileWidth = 256,
  tileHeight = 256,
}: MatrixParts): string {
  return `<TileMatrix><ows:Identifier>${id}</ows:Identifier><ScaleDenominator>${scale}</ScaleDenominator>
    <TopLeftCorner>${corner}</TopLeftCorner><TileWidth>${tileWidth}</TileWidth><TileHeight>${tileHeight}</TileHeight>
    <MatrixWidth>${width}</MatrixWidth><MatrixHeight>${height}</MatrixHeight></TileMatrix>`;
}

/** The web mercator quad from zoom 0 on, finest level first, as no server should write it. */
export function mercatorLevels(levels: number, prefix = "", corner = "-20037508.342789 20037508.342789"): string {
  return Array.from({ length: levels }, (_, z) => levels - 1 - z)
    .map((z) => matrixXml({ id: `${prefix}${z}`, scale: GOOGLE_SCALE / 2 ** z, corner, width: 2 ** z, height: 2 ** z }))
    .join("\n");
}

export function matrixSetXml(id: string, crs: string, matrices: string): string {
  return `<TileMatrixSet><ows:Identifier>${id}</ows:Identifier><ows:SupportedCRS>${crs}</ows:SupportedCRS>${matrices}</TileMatrixSet>`;
}

export interface WmtsParts {
  /** Elements inside <Layer>, after its identifier and style. */
  layer: string;
  sets: string;
  /** Where GetTile by key-value pairs goes; none = no operations. */
  getTile?: string;
  layerName?: string;
}

export function wmtsXml({ layer, sets, getTile, layerName = "relief" }: WmtsParts): string {
  const operations =
    getTile === undefined
      ? ""
      : `<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP><ows:Get xlink:href="${getTile}">
          <ows:Constraint name="GetEncoding"><ows:AllowedValues><ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint>
          </ows:Get></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
<ows:ServiceIdentification><ows:Title>Relief of Nowhere</ows:Title><ows:AccessConstraints>CC0</ows:AccessConstraints></ows:ServiceIdentification>
<ows:ServiceProvider><ows:ProviderName>Survey of Nowhere</ows:ProviderName></ows:ServiceProvider>${operations}
<Contents><Layer><ows:Title>Shaded &amp; coloured</ows:Title><ows:Identifier>${layerName}</ows:Identifier>
<ows:WGS84BoundingBox><ows:LowerCorner>-10 -20</ows:LowerCorner><ows:UpperCorner>30 40</ows:UpperCorner></ows:WGS84BoundingBox>
<Style><ows:Identifier>grey</ows:Identifier></Style><Style isDefault="true"><ows:Identifier>day</ows:Identifier></Style>
${layer}</Layer>${sets}</Contents></Capabilities>`;
}

export const limitsXml = (matrix: string, minRow: number, maxRow: number, minCol: number, maxCol: number): string =>
  `<TileMatrixLimits><TileMatrix>${matrix}</TileMatrix><MinTileRow>${minRow}</MinTileRow><MaxTileRow>${maxRow}</MaxTileRow>
   <MinTileCol>${minCol}</MinTileCol><MaxTileCol>${maxCol}</MaxTileCol></TileMatrixLimits>`;

/** A layer in web mercator by key-value pairs, with three levels whose names have a prefix. */
export function keyValueWmts(getTile: string): string {
  return wmtsXml({
    getTile,
    layer: `<Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>EPSG:3857</TileMatrixSet></TileMatrixSetLink>`,
    sets: matrixSetXml("EPSG:3857", "urn:ogc:def:crs:EPSG::3857", mercatorLevels(3, "EPSG:3857:")),
  });
}

/** A layer in web mercator by URL templates, with a dimension; limits leave out all but one tile of zoom 2. */
export function restfulWmts(template: string): string {
  return wmtsXml({
    layer: `<Format>image/png</Format>
      <Dimension><ows:Identifier>Time</ows:Identifier><Default>2026-01-01</Default><Value>2025-01-01</Value><Value>2026-01-01</Value></Dimension>
      <TileMatrixSetLink><TileMatrixSet>google</TileMatrixSet><TileMatrixSetLimits>${limitsXml("0", 0, 0, 0, 0)}${limitsXml("1", 0, 1, 0, 1)}
      ${limitsXml("2", 1, 1, 2, 2)}</TileMatrixSetLimits></TileMatrixSetLink>
      <ResourceURL format="image/png" resourceType="tile" template="${template}"/>
      <ResourceURL format="text/plain" resourceType="FeatureInfo" template="http://h.example/{I}/{J}"/>`,
    sets: matrixSetXml("google", "urn:ogc:def:crs:EPSG:6.18:3:3857", mercatorLevels(4)),
  });
}

/** A WMS 1.3.0 with a group whose CRS, style and time its layers inherit. */
export function wms130(getMap: string): string {
  return `<?xml version="1.0"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Title>Maps of Nowhere</Title><LayerLimit>2</LayerLimit><MaxWidth>1024</MaxWidth><MaxHeight>512</MaxHeight></Service>
<Capability><Request><GetMap><Format>image/jpeg</Format><Format>image/png</Format><DCPType><HTTP><Get>
<OnlineResource xlink:href="${getMap}"/></Get></HTTP></DCPType></GetMap></Request>
<Layer><Title>All</Title><CRS>EPSG:4326</CRS><CRS>EPSG:3857</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-10</westBoundLongitude><eastBoundLongitude>30</eastBoundLongitude>
<southBoundLatitude>-20</southBoundLatitude><northBoundLatitude>40</northBoundLatitude></EX_GeographicBoundingBox>
<Style><Name>inherited</Name><Title>From the group</Title></Style>
<Dimension name="time" units="ISO8601" default="2026-01-01" nearestValue="0">2025-01-01,2026-01-01</Dimension>
<MinScaleDenominator>1000</MinScaleDenominator>
<Layer opaque="1"><Name>land</Name><Title>Land</Title><Style><Name>own</Name></Style></Layer>
<Layer cascaded="2"><Name>water</Name><Title>Water</Title><CRS>CRS:84</CRS><MinScaleDenominator>500</MinScaleDenominator></Layer>
</Layer></Capability></WMS_Capabilities>`;
}

/** A WMS 1.1.1 with a DOCTYPE, an <Extent>, several SRS in one element and a ScaleHint. */
export function wms111(getMap: string): string {
  return `<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.example/wms/1.1.1/capabilities_1_1_1.dtd" [ <!ELEMENT VendorSpecificCapabilities EMPTY> ]>
<WMT_MS_Capabilities version="1.1.1"><Service><Name>OGC:WMS</Name><Title>Old maps</Title></Service>
<Capability><Request><GetMap><Format>image/png</Format><DCPType><HTTP><Get>
<OnlineResource xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="${getMap}"/></Get></HTTP></DCPType></GetMap></Request>
<Layer><Name>old</Name><Title>Old</Title><SRS>EPSG:4326 EPSG:900913</SRS><LatLonBoundingBox minx="-10" miny="-20" maxx="30" maxy="40"/>
<Dimension name="time" units="ISO8601"/><Extent name="time" default="1999">1998,1999</Extent>
<ScaleHint min="0.39597979746446665" max="39.597979746446665"/></Layer></Capability></WMT_MS_Capabilities>`;
}
