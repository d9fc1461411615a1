import type { App } from "../state/app.ts";
import { useSignal } from "../state/signal.ts";
import { formatBytes, formatCount, formatDuration, formatMany } from "../text/format.ts";

/** How the server is, in one line. */
export function ServerLine({ app }: { app: App }) {
  const status = useSignal(app.state.status);
  if (status === null) return null;
  const { queue } = status;
  const words = [
    `up ${formatDuration(status.uptimeS * 1000)}`,
    formatBytes(status.memoryBytes),
    `lag ${status.eventLoopLagMs.toFixed(1)} ms`,
    formatMany(status.threads, "thread"),
    formatMany(status.tasks, "task"),
    `queue ${formatCount(queue.items)} (${formatBytes(queue.bytes)})`,
  ];
  const signOut = async (): Promise<void> => {
    await app.api.signOut();
    await app.load();
  };
  return (
    <p class="server" aria-label="The server">
      <span>{`Tilth ${status.version} · ${words.join(" · ")}`}</span>
      {status.authenticated && (
        <button type="button" class="quiet" onClick={() => void app.act(signOut)}>
          {`Sign out (${status.role})`}
        </button>
      )}
    </p>
  );
}
