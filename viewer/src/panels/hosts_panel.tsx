import { useEffect, useState } from "preact/hooks";
import type { Host } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { HostHistory } from "../state/host_history.ts";
import { formatCount, formatDuration, formatPercentiles, formatTime } from "../text/format.ts";
import { Facts } from "./facts.tsx";
import { Plot } from "./plot.tsx";

/** Between two readings, ms. */
const EVERY_MS = 1_000;

const BREAKERS: Record<Host["breaker"], string> = {
  closed: "closed: requests pass",
  open: "open: it failed too often; after a rest the next request tries it",
  halfOpen: "half open: one request tries",
};

/** What each host does to us: limits, rates, times and errors, while the panel is open. */
export function HostsPanel({ app }: { app: App }) {
  const [hosts, setHosts] = useState<readonly Host[] | null>(null);
  const [history] = useState(() => new HostHistory());
  useEffect(() => {
    const read = async (): Promise<void> => {
      if (document.visibilityState !== "visible" || app.state.needsToken.value) return;
      const list = await app.api.hosts();
      history.add(Date.now(), list);
      setHosts(list);
    };
    const readSafely = (): void => void app.attempt(read);
    readSafely();
    const timer = setInterval(readSafely, EVERY_MS);
    return () => clearInterval(timer);
  }, [app, history]);
  if (hosts === null) return <p class="hint">Reading …</p>;
  if (hosts.length === 0) return <p class="hint">No host has been asked for anything yet.</p>;
  return (
    <ul class="hosts" aria-label="Hosts">
      {hosts.map((host) => (
        <HostCard key={host.host} host={host} history={history} />
      ))}
    </ul>
  );
}

function HostCard({ host, history }: { host: Host; history: HostHistory }) {
  const { latencyMs, lastErrors } = host;
  const facts: [string, string][] = [
    ["In flight", `${host.inFlight} of ${Math.floor(host.concurrencyLimit)} at once`],
    ["Breaker", BREAKERS[host.breaker]],
    ["Rate", `${host.requestsPerSecond.toFixed(1)}/s`],
    ["Latency", latencyMs === null ? "–" : formatPercentiles(latencyMs)],
    [
      "Requests",
      `${formatCount(host.requests)}, ${formatCount(host.retries)} again, ${formatCount(host.failures)} failed`,
    ],
    [
      "Told to wait",
      `${formatCount(host.throttled)} times${host.pausedMs > 0 ? `, now for ${formatDuration(host.pausedMs)}` : ""}`,
    ],
  ];
  return (
    <li class="host" aria-label={`Host ${host.host}`}>
      <h3>{host.host}</h3>
      <Plot
        title="Requests/s and limit"
        names={["requests/s", "limit", "in flight"]}
        data={history.ratesOf(host.host)}
      />
      <Plot title="Latency, ms" names={["50 %", "95 %", "99 %"]} data={history.latenciesOf(host.host)} />
      <Facts facts={facts} />
      {lastErrors.length > 0 && (
        <details>
          <summary>Last errors</summary>
          <ul aria-label="Last errors">
            {lastErrors.map(({ atMs, message }, index) => (
              <li key={`${atMs} ${index}`}>{`${formatTime(atMs)}: ${message}`}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
