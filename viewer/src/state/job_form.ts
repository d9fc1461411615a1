import type { JobRequest } from "../api/job_types.ts";
import { parseZooms } from "../text/zooms.ts";
import { requestOf, type Area } from "./area.ts";

/** What stands in the form, as typed. */
export interface JobForm {
  /** A name, or `` for the URL that is typed. */
  source: string;
  url: string;
  zooms: string;
  store: string;
  /** `` = the source's own. */
  grid: string;
  layer: string;
  style: string;
  matrixSet: string;
  format: string;
  resampling: string;
  refresh: string;
  retries: string;
}

export const EMPTY_FORM: JobForm = {
  source: "",
  url: "",
  zooms: "0-5",
  store: "",
  grid: "",
  layer: "",
  style: "",
  matrixSet: "",
  format: "",
  resampling: "",
  refresh: "",
  retries: "",
};

const TEXTS = ["grid", "layer", "style", "matrixSet", "format", "resampling", "refresh"] as const;

/** The request that a form makes, without a store when none is named. @throws Error with a sentence for people: what is missing or wrong */
export function readForm(form: JobForm, area: Area | null): JobRequest {
  const source = form.source === "" ? form.url.trim() : form.source;
  if (source === "") throw new Error("Choose a source, or type a URL template.");
  if (area === null) throw new Error("Say where: draw a box, type one, or drop a GeoJSON file.");
  const zooms = parseZooms(form.zooms);
  const more: Partial<JobRequest> = {};
  for (const name of TEXTS) if (form[name].trim() !== "") more[name] = form[name].trim();
  if (form.retries.trim() !== "") more.retries = readCount(form.retries);
  if (form.store.trim() !== "") more.store = form.store.trim();
  return { source, zooms, ...requestOf(area), ...more };
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`Expected a number of retries, got “${text}”.`);
  return count;
}

/** A file name for a source: its name, or the host of its URL. */
export function proposeStore(source: string): string {
  const stem = /^\w+:\/\/(?:\{[^}]*\}\.?)?([^/:?]+)/.exec(source)?.[1] ?? source;
  const name = stem
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toLowerCase()
    .slice(0, 40);
  return `${name === "" ? "tiles" : name}.gpkg`;
}
