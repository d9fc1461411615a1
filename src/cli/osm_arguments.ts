/** Options of `tilth osm` as the command line has them. */
export interface OsmArguments {
  bbox?: number[];
  coverage?: string;
  from?: string;
  tags?: string;
  out?: string;
  overpass: string[];
  cache?: string;
  cacheAge: string;
  timeout: string;
  userAgent?: string;
  cluster?: string;
  layers: string;
  clip: string;
  crs?: string;
  sea?: boolean;
}
