import { PbfReader } from "pbf";
import { TilthError } from "../../core/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import { orInvalid } from "./or_invalid.ts";

export interface PbfHeader {
  /** What the file says it covers; null when it does not. */
  readonly bbox: LonLatBbox | null;
  /** Deleted objects and older versions are among the objects. */
  readonly isHistory: boolean;
  /** Nodes before ways before relations, each by ascending id. */
  readonly isSorted: boolean;
  readonly writingProgram: string | null;
  readonly replicationTimestampS: number | null;
}

const KNOWN_FEATURES = new Set(["OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"]);
const NANO = 1e-9;

/** A `HeaderBlock`. @throws `osm.unsupported` for a required feature that is not known, `osm.invalid` */
export function decodeHeader(bytes: Uint8Array): PbfHeader {
  const found = { bbox: null as LonLatBbox | null, required: [] as string[], optional: [] as string[] };
  const rest = { writingProgram: null as string | null, replicationTimestampS: null as number | null };
  orInvalid("the header", () =>
    new PbfReader(bytes).readFields((tag, _none, pbf) => {
      if (tag === 1) found.bbox = readBbox(pbf);
      else if (tag === 4) found.required.push(pbf.readString());
      else if (tag === 5) found.optional.push(pbf.readString());
      else if (tag === 16) rest.writingProgram = pbf.readString();
      else if (tag === 32) rest.replicationTimestampS = pbf.readVarint();
    }, null),
  );
  const unknown = found.required.filter((feature) => !KNOWN_FEATURES.has(feature));
  if (unknown.length > 0)
    throw new TilthError(
      "osm.unsupported",
      `the file needs the feature ${unknown.map((name) => `'${name.slice(0, 60)}'`).join(", ")}, which is not known here; convert it: osmium cat in.osm.pbf -o out.osm.pbf`,
      { fields: { features: unknown } },
    );
  const isHistory = found.required.includes("HistoricalInformation");
  return { bbox: found.bbox, isHistory, isSorted: found.optional.includes("Sort.Type_then_ID"), ...rest };
}

/** `HeaderBBox`: left, right, top, bottom in nanodegrees. */
function readBbox(pbf: PbfReader): LonLatBbox {
  const [, left = 0, right = 0, top = 0, bottom = 0] = pbf.readMessage<number[]>((tag, into, message) => {
    if (tag >= 1 && tag <= 4) into[tag] = message.readSVarint() * NANO;
  }, []);
  return [left, bottom, right, top];
}
