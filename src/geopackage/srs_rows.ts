/** A row of gpkg_spatial_ref_sys. */
export interface SrsRow {
  srsName: string;
  srsId: number;
  organization: string;
  organizationCoordsysId: number;
  /** OGC 01-009 well-known text. */
  definition: string;
  description: string;
}

const WGS84_WKT =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],' +
  'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],' +
  'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]';

const PSEUDO_MERCATOR_WKT =
  'PROJCS["WGS 84 / Pseudo-Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],' +
  'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],' +
  'AUTHORITY["EPSG","4326"]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],' +
  'PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],' +
  'AXIS["Northing",NORTH],EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m ' +
  '+nadgrids=@null +wktext +no_defs"],AUTHORITY["EPSG","3857"]]';

/** The three rows that every GeoPackage must have (requirement 11). */
export const REQUIRED_SRS_ROWS: readonly SrsRow[] = [
  {
    srsName: "Undefined cartesian SRS",
    srsId: -1,
    organization: "NONE",
    organizationCoordsysId: -1,
    definition: "undefined",
    description: "undefined cartesian coordinate reference system",
  },
  {
    srsName: "Undefined geographic SRS",
    srsId: 0,
    organization: "NONE",
    organizationCoordsysId: 0,
    definition: "undefined",
    description: "undefined geographic coordinate reference system",
  },
  {
    srsName: "WGS 84 geodetic",
    srsId: 4326,
    organization: "EPSG",
    organizationCoordsysId: 4326,
    definition: WGS84_WKT,
    description: "longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid",
  },
];

/** Rows that Tilth writes better than `crsToWkt1` does. */
export const FURTHER_SRS_ROWS: readonly SrsRow[] = [
  {
    srsName: "WGS 84 / Pseudo-Mercator",
    srsId: 3857,
    organization: "EPSG",
    organizationCoordsysId: 3857,
    definition: PSEUDO_MERCATOR_WKT,
    description: "web mercator, metres",
  },
];
