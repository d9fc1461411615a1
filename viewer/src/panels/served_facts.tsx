import type { App } from "../state/app.ts";
import { useSignal } from "../state/signal.ts";
import { formatBytes, formatCount, formatPercentiles, formatShare } from "../text/format.ts";
import { Facts } from "./facts.tsx";

/** What this server has answered since its start, and how fast. */
export function ServedFacts({ app }: { app: App }) {
  const status = useSignal(app.state.status);
  if (status === null) return null;
  const { tiles, requests, failed, sentBytes, tileMs } = status.served;
  const asked = tiles.hit + tiles.fetched + tiles.enlarged + tiles.missing;
  const outcomes = (["hit", "fetched", "enlarged", "missing"] as const).map(
    (kind) => `${formatCount(tiles[kind])} ${kind}`,
  );
  const facts: [string, string][] = [
    ["Tiles", asked === 0 ? "none yet" : `${outcomes.join(", ")}; ${formatShare(tiles.hit / asked)} hits`],
    ["Time of a tile", tileMs === null ? "–" : formatPercentiles(tileMs)],
    ["Requests", `${formatCount(requests)}, ${formatShare(failed / Math.max(1, requests))} failed here`],
    ["Sent", formatBytes(sentBytes)],
  ];
  return (
    <div class="host" role="group" aria-label="This server since its start">
      <h3>This server, since its start</h3>
      <Facts facts={facts} />
    </div>
  );
}
