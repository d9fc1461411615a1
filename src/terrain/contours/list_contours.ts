import { throwIfAborted, TilthError } from "../../core/index.ts";
import { BatchBuilder, type FeatureBatch } from "../../feature/index.ts";
import type { Affine, Raster } from "../../raster/index.ts";
import { BandTracer, type BandArea } from "./band_tracer.ts";
import { dropRepeats, polygonsOf } from "./clean_rings.ts";
import { listHeightRows } from "../height_rows.ts";
import { LevelLadder, type ContourLevels } from "./level_ladder.ts";
import { LineTracer, type LevelLine } from "./line_tracer.ts";
import { MAX_COLUMNS } from "./node_keys.ts";
import { MAX_SMOOTHING, smoothLine } from "./smooth_line.ts";
import { SquareWalker } from "./trace_contours.ts";

export interface ContourOptions {
  readonly levels: ContourLevels;
  /** Areas between levels, instead of the levels as lines. @default false */
  readonly polygons?: boolean;
  /** How many times the corners of lines are cut off, 0 to 6; of lines only. @default 0 */
  readonly smoothing?: number;
  /** Index from 0. @default 0 */
  readonly band?: number;
  /** Vertices of lines and areas that are not finished; above it all are cut where they are. @default 2,000,000 (about 100 MB) */
  readonly maxOpenVertices?: number;
  /** Of rows of the DEM. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What became of a DEM. */
export interface ContourCounts {
  features: number;
  /** How often everything open was cut, since there was too much of it. */
  cuts: number;
}

const MAX_OPEN_VERTICES = 2_000_000;
/** Positions of a batch, about. */
const BATCH_POSITIONS = 65_536;
/** Between two turns of the event loop, at the most, unless a row alone is more: where levels lie close few cells take long. */
const [CELLS_A_TURN, MS_A_TURN] = [1_048_576, 100];

/**
 * Contours of a DEM as batches for a `FeatureWriter` of `contourLayer`, in the DEM's CRS, while its rows are read. Marching squares over the
 * middles of the cells; half a cell beyond the last middle heights go on as they are (GDAL's alg/marching_squares). Memory holds some rows, and what is
 * open: `maxOpenVertices`.
 * @returns (of the generator) counts
 * @throws `argument.invalid` for levels that make no sense or are more than 100,000, `raster.unsupported` for a DEM without a place, `raster.tooLarge`;
 * what reading it throws; `cancelled`
 */
export function listContours(
  raster: Raster,
  options: ContourOptions,
): AsyncGenerator<FeatureBatch, ContourCounts, undefined> {
  return runMaker(new ContourMaker(raster, options), raster, options);
}

async function* runMaker(
  maker: ContourMaker,
  raster: Raster,
  { band = 0, onProgress, signal }: ContourOptions,
): AsyncGenerator<FeatureBatch, ContourCounts, undefined> {
  const { width, height } = raster.info;
  let [rows, turnRows, turnMs] = [0, 0, performance.now()];
  for await (const line of listHeightRows(raster, band, signal)) {
    maker.walker.addRow(line);
    rows++;
    if (maker.isFull) yield maker.takeBatch();
    if ((rows - turnRows) * width < CELLS_A_TURN && performance.now() - turnMs < MS_A_TURN) continue;
    onProgress?.(rows, height);
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
    [turnRows, turnMs] = [rows, performance.now()];
  }
  maker.finish();
  if (maker.counts.features > 0) yield maker.takeBatch();
  onProgress?.(rows, height);
  return maker.counts;
}

class ContourMaker {
  readonly walker: SquareWalker;
  readonly counts: ContourCounts = { features: 0, cuts: 0 };
  readonly #ladder: LevelLadder;
  readonly #tracer: LineTracer | BandTracer;
  readonly #affine: Affine;
  readonly #smoothing: number;
  #builder = new BatchBuilder();

  constructor({ info }: Raster, options: ContourOptions) {
    const { levels, polygons = false, smoothing = 0, maxOpenVertices = MAX_OPEN_VERTICES } = options;
    const { width } = info;
    this.#affine = requirePlace(info);
    checkSmoothing(smoothing, polygons);
    if (width > MAX_COLUMNS)
      throw new TilthError("raster.tooLarge", `expected at most ${MAX_COLUMNS} columns, got ${width}; cut it first`);
    this.#smoothing = smoothing;
    const ladder = new LevelLadder(levels);
    this.#ladder = ladder;
    this.#tracer = polygons
      ? new BandTracer(width, (square) => square.trace(ladder), {
          emit: (area) => this.#addArea(area),
          maxOpenVertices,
        })
      : new LineTracer((square) => square.trace(ladder), { emit: (line) => this.#addLine(line), maxOpenVertices });
    this.walker = new SquareWalker(width, ladder, this.#tracer);
  }

  get isFull(): boolean {
    return this.#builder.positionCount >= BATCH_POSITIONS;
  }

  takeBatch(): FeatureBatch {
    const batch = this.#builder.finish();
    this.#builder = new BatchBuilder();
    return batch;
  }

  finish(): void {
    this.walker.finish();
    if (this.#tracer instanceof BandTracer) this.#tracer.finish();
    this.counts.cuts = this.#tracer.cutCount;
  }

  #addLine({ level, positions }: LevelLine): void {
    const line = smoothLine(dropRepeats(positions), this.#smoothing);
    if (line.length < 4) return;
    this.#addPositions(line, true);
    this.#builder.endPart();
    this.#builder.setValue("elev", this.#ladder.levelAt(level) ?? Number.NaN);
    this.#builder.endFeature(0, "line");
    this.counts.features++;
  }

  #addArea({ band, rings }: BandArea): void {
    // In cells y grows downwards: what lies to the left there lies to the right in the sums of areas.
    for (const ring of rings) flip(ring);
    for (const polygon of polygonsOf(rings)) {
      for (const ring of polygon) {
        flip(ring);
        this.#addPositions(ring, this.#isNorthUp);
      }
      this.#builder.endPart();
      for (const [name, level] of [
        ["elevMin", band - 1],
        ["elevMax", band],
      ] as const)
        this.#builder.setValue(name, this.#ladder.levelAt(level) ?? Number.NaN);
      this.#builder.endFeature(0, "polygon");
      this.counts.features++;
    }
  }

  get #isNorthUp(): boolean {
    const [a, b, , d, e] = this.#affine;
    return a * e - b * d < 0;
  }

  #addPositions(line: Float64Array, isForward: boolean): void {
    const [a, b, c, d, e, f] = this.#affine;
    const { length } = line;
    for (let k = 0; k < length; k += 2) {
      const i = isForward ? k : length - 2 - k;
      const [x, y] = [line[i] as number, line[i + 1] as number];
      this.#builder.addPosition(a * x + b * y + c, d * x + e * y + f);
    }
    this.#builder.endRing();
  }
}

function flip(ring: Float64Array): void {
  for (let i = 1; i < ring.length; i += 2) ring[i] = -(ring[i] as number);
}

function requirePlace({ affine, placeNote }: Raster["info"]): Affine {
  if (affine !== null) return affine;
  throw new TilthError("raster.unsupported", `expected a DEM with a place, got none (${placeNote}); warp it first`);
}

function checkSmoothing(rounds: number, polygons: boolean): void {
  if (!Number.isInteger(rounds) || rounds < 0 || rounds > MAX_SMOOTHING)
    throw new TilthError(
      "argument.invalid",
      `expected smoothing as a whole number from 0 to ${MAX_SMOOTHING}, got ${rounds}`,
    );
  if (rounds > 0 && polygons)
    throw new TilthError(
      "argument.invalid",
      "expected no smoothing of areas: neighbours would come apart; smooth lines, or leave it out",
    );
}
