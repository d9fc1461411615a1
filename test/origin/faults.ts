import type { ServerResponse } from "node:http";
import type { OriginTile } from "./origin_server.ts";

/** What goes wrong, and how often; shares of requests, 0..1. The same seed gives the same faults for the same requests. */
export interface FaultPlan {
  seed: number;
  status500?: number;
  /** Takes the request and never answers. */
  hang?: number;
  /** Half of the body, then a closed connection. */
  cut?: number;
  /** The connection is reset without an answer. */
  reset?: number;
  /** An HTML page with status 200. */
  html?: number;
  /** A body without bytes, status 200. */
  emptyBody?: number;
  /** A few bytes a second. */
  trickle?: number;
  /** After every `every` requests the whole host answers 429 with Retry-After for that long, as a quota by time does. */
  throttle?: { every: number; retryAfterS: number };
  /** Share of tiles that answer 500 for ever. */
  permanent500?: number;
  /** Everything hangs. */
  dead?: "hang" | "reset" | "500";
}

const HTML = "<!doctype html><html><body>Please sign in to the network</body></html>";

/** Uniform 0..1 from a seed and a text: FNV-1a, then the finalizer of MurmurHash3. */
export function hashToUnit(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Quota of one origin: requests since the last pause, and when that pause ends. */
const quotas = new WeakMap<FaultPlan, { count: number; pausedUntilMs: number }>();

/** Answers with a fault when the plan says so; false when the request is to be served. */
export async function passFault(
  plan: FaultPlan,
  path: string,
  attempt: number,
  response: ServerResponse,
  read: () => Promise<OriginTile | null>,
): Promise<boolean> {
  const name = plan.dead ?? chooseFault(plan, path, attempt);
  if (name === null) return false;
  await FAULTS[name](response, read, plan);
  return true;
}

type FaultName = keyof typeof FAULTS;

const FAULTS = {
  500: async (response: ServerResponse): Promise<void> => {
    response.writeHead(500, { "content-type": "text/plain" }).end("internal error");
  },
  hang: async (): Promise<void> => undefined,
  reset: async (response: ServerResponse): Promise<void> => {
    response.socket?.resetAndDestroy();
  },
  html: async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { "content-type": "image/png" }).end(HTML);
  },
  emptyBody: async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { "content-type": "image/png", "content-length": 0 }).end();
  },
  cut: async (response: ServerResponse, read: () => Promise<OriginTile | null>): Promise<void> => {
    const tile = await read();
    const data = tile?.data ?? new Uint8Array(100);
    response.writeHead(200, { "content-type": "image/png", "content-length": data.length });
    response.write(data.subarray(0, data.length >> 1), () => response.destroy());
  },
  trickle: async (response: ServerResponse, read: () => Promise<OriginTile | null>): Promise<void> => {
    const tile = await read();
    const data = tile?.data ?? new Uint8Array(100);
    response.writeHead(200, { "content-type": "image/png", "content-length": data.length });
    let sent = 0;
    const timer = setInterval(() => response.write(data.subarray(sent, ++sent)), 500);
    response.on("close", () => clearInterval(timer));
  },
  throttle: async (response: ServerResponse, _read: unknown, plan: FaultPlan): Promise<void> => {
    response.writeHead(429, { "retry-after": String(plan.throttle?.retryAfterS ?? 1) }).end();
  },
};

/** True while the quota is used up. */
function isThrottled(plan: FaultPlan, throttle: NonNullable<FaultPlan["throttle"]>): boolean {
  const quota = quotas.get(plan) ?? { count: 0, pausedUntilMs: 0 };
  quotas.set(plan, quota);
  const now = performance.now();
  if (now < quota.pausedUntilMs) return true;
  quota.count += 1;
  if (quota.count < throttle.every) return false;
  quota.count = 0;
  quota.pausedUntilMs = now + throttle.retryAfterS * 1000;
  return true;
}

function chooseFault(plan: FaultPlan, path: string, attempt: number): FaultName | null {
  if (plan.throttle !== undefined && isThrottled(plan, plan.throttle)) return "throttle";
  if (hashToUnit(plan.seed + 1, path) < (plan.permanent500 ?? 0)) return 500;
  const shares: [FaultName, number | undefined][] = [
    [500, plan.status500],
    ["hang", plan.hang],
    ["cut", plan.cut],
    ["reset", plan.reset],
    ["html", plan.html],
    ["emptyBody", plan.emptyBody],
    ["trickle", plan.trickle],
  ];
  let left = hashToUnit(plan.seed, `${path}#${attempt}`);
  for (const [name, share = 0] of shares) {
    if (left < share) return name;
    left -= share;
  }
  return null;
}
