import { CancelledError } from "../../src/core/index.ts";
import { tileToText, webMercatorQuad, type TileCoord, type TileMatrixSet } from "../../src/grid/index.ts";
import type { FetchTileOptions, SourceInfo, SourceTile, TileSource } from "../../src/source/index.ts";

export type FakeAnswer = SourceTile | Error | "hang";

export interface FakeSourceOptions {
  /** What a tile is answered with; `attempt` counts from 1 for each tile. @default a tile of a few bytes */
  answer?: (tile: TileCoord, attempt: number, options: FetchTileOptions) => FakeAnswer | Promise<FakeAnswer>;
  hosts?: TileSource["hosts"];
  grid?: TileMatrixSet;
  info?: Partial<SourceInfo>;
}

/** A source in this process that records what it is asked; `hang` waits for the abort. */
export class FakeSource implements TileSource {
  readonly info: SourceInfo;
  readonly hosts: TileSource["hosts"];
  /** `z/x/y` of each attempt, in order. */
  readonly asked: string[] = [];
  inFlight = 0;
  maxInFlight = 0;
  closed = 0;
  readonly #answer: NonNullable<FakeSourceOptions["answer"]>;
  readonly #attempts = new Map<string, number>();

  constructor(options: FakeSourceOptions = {}) {
    this.hosts = options.hosts ?? [];
    this.#answer = options.answer ?? ((tile) => tileAnswer(tile));
    this.info = {
      id: "fake",
      kind: "fake",
      title: "Fake",
      attribution: "",
      grid: options.grid ?? webMercatorQuad(),
      minZoom: 0,
      maxZoom: 30,
      bounds: null,
      format: "png",
      bulk: "allowed",
      termsUrl: null,
      ...options.info,
    };
  }

  async fetchTile(tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> {
    const name = tileToText(tile);
    const attempt = (this.#attempts.get(name) ?? 0) + 1;
    this.#attempts.set(name, attempt);
    this.asked.push(name);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    try {
      const answer = await this.#answer(tile, attempt, options);
      if (answer === "hang") return await untilAborted(options.signal);
      if (answer instanceof Error) throw answer;
      return answer;
    } finally {
      this.inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

/** A tile whose bytes tell its address; not an image. */
export function tileAnswer(tile: TileCoord, etag: string | null = null): SourceTile {
  return { kind: "tile", data: new TextEncoder().encode(tileToText(tile)), format: "png", etag, lastModified: null };
}

export function bytesAnswer(data: Uint8Array<ArrayBuffer>): SourceTile {
  return { kind: "tile", data, format: "png", etag: null, lastModified: null };
}

export const EMPTY_ANSWER: SourceTile = { kind: "empty" };

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new CancelledError());
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
