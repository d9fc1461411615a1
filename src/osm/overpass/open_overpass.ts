import { createHash } from "node:crypto";
import { join } from "node:path";
import { systemClock, type Clock, type Logger } from "../../core/index.ts";
import type { HttpClient } from "../../net/index.ts";
import type { WantedArea } from "../import/feature_plan.ts";
import type { OsmInput } from "../input/osm_input.ts";
import type { LayerPlan } from "../tags/layer_plan.ts";
import type { TagFilter } from "../tags/tag_filter.ts";
import { BudgetMeter, PUBLIC_BUDGET, type DailyBudget } from "./budget.ts";
import { CellCache } from "./cell_cache.ts";
import { firstCells } from "./cells.ts";
import type { CellProgress } from "./fetch_cells.ts";
import type { OperatorSlot } from "./operator.ts";
import { OverpassClient, type OverpassWait } from "./overpass_client.ts";
import { OverpassInput } from "./overpass_input.ts";
import { makeFolder } from "./whole_file.ts";

/** Asked when nothing is said. Its operators ask for at most 10,000 requests and 1 GB a day. */
export const DEFAULT_OVERPASS = "https://overpass-api.de/api/interpreter";

export interface OpenOverpassOptions {
  readonly client: HttpClient;
  /** Interpreters; the second and later ones are asked when the one before is overloaded: name only those whose operators allow it. */
  readonly endpoints: readonly string[];
  readonly area: WantedArea;
  readonly layers: LayerPlan;
  /** For answers and the count of today's requests. */
  readonly cacheFolder: string;
  /** Answers that are older are fetched again. @default a day */
  readonly maxAgeMs?: number;
  /** For which a service may work on a query, s. @default 180 */
  readonly timeoutS?: number;
  /** @default `PUBLIC_BUDGET` */
  readonly budget?: DailyBudget;
  readonly maxObjects?: number;
  readonly attempts?: number;
  /** Where other machines ask the same services. @default this process is the only one */
  readonly shareOperator?: (operator: string) => OperatorSlot;
  readonly onProgress?: (progress: CellProgress) => void;
  /** Called before a service is left alone for more than a second. */
  readonly onWait?: (wait: OverpassWait) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

const DAY_MS = 86_400_000;
const TIMEOUT_S = 180;
/** What services take when nothing is said. */
const MAX_SIZE_BYTES = 536_870_912;

/**
 * Fetches what is wanted of an area; what was fetched stays in the cache folder, whatever happens.
 * @throws `overpass.*`, `osm.tooLarge`, `osm.areaTooLarge`, `argument.invalid`, `http.*`, `store.*`
 */
export async function openOverpass(options: OpenOverpassOptions): Promise<OsmInput> {
  const { client, endpoints, area, layers, cacheFolder, maxAgeMs = DAY_MS, timeoutS = TIMEOUT_S } = options;
  const { clock = systemClock, logger, attempts, budget = PUBLIC_BUDGET, shareOperator, onWait } = options;
  // What is wrong with the area comes first.
  firstCells(area);
  const clients = endpoints.map((endpoint) => {
    const meter = new BudgetMeter(join(cacheFolder, `budget_${shortHash(endpoint)}`), budget, clock);
    return new OverpassClient({
      client,
      endpoint,
      budget: meter,
      timeoutS,
      attempts,
      shareOperator,
      onWait,
      clock,
      logger,
    });
  });
  // A service is not asked for what cannot be kept.
  await makeFolder(cacheFolder);
  return OverpassInput.fetch({
    clients,
    cache: new CellCache(cacheFolder, maxAgeMs, clock),
    area,
    filters: layers.otherTheme !== null ? null : withCoast(layers),
    limits: { timeoutS, maxSizeBytes: MAX_SIZE_BYTES },
    maxObjects: options.maxObjects,
    onProgress: options.onProgress,
    logger,
    signal: options.signal,
  });
}

/** The sea is made of coastlines, whether they are wanted themselves or not. */
function withCoast({ filters, seaTheme }: LayerPlan): readonly TagFilter[] {
  return seaTheme === null ? filters : [...filters, { key: "natural", values: ["coastline"] }];
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
