import { formatBytes, formatDuration } from "../core/index.ts";
import type { SeedProgress } from "../seed/index.ts";

const BAR_WIDTH = 24;
const LIVE_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 5_000;

/** One line of text for a seed as it stands. */
export function formatProgress(progress: SeedProgress): string {
  const { planned, done, present, stored, empty, failed, bytes, tilesPerSecond, etaMs, zoom, hosts, state } = progress;
  const percent = planned === 0 ? 100 : Math.floor((done / planned) * 1000) / 10;
  const counts = `${done}/${planned} (present ${present}, stored ${stored}, empty ${empty}, failed ${failed})`;
  const speed = `${formatBytes(bytes)} ${Math.round(tilesPerSecond)} tiles/s`;
  const eta = etaMs === null ? "" : ` ETA ${formatDuration(etaMs)}`;
  const limit = hosts.reduce((sum, host) => sum + host.concurrencyLimit, 0);
  const troubled = hosts.find((host) => host.breaker !== "closed" || host.pausedMs > 0);
  const breaker =
    troubled === undefined
      ? ""
      : ` ${troubled.host}: ${troubled.breaker === "closed" ? `paused ${formatDuration(troubled.pausedMs)}` : `breaker ${troubled.breaker}`}`;
  const full = state === "pausedDiskFull" ? " DISK FULL: waiting for space" : "";
  return `${percent}% z${zoom ?? "-"} ${counts} ${speed}${eta} x${limit}${breaker}${full}`;
}

export function formatBar(progress: SeedProgress): string {
  const share = progress.planned === 0 ? 1 : Math.min(1, progress.done / progress.planned);
  const filled = Math.round(share * BAR_WIDTH);
  return `[${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${formatProgress(progress)}`;
}

/** A live bar on a terminal, plain lines every few seconds elsewhere. `stop` draws the last state and ends the line. */
export function showProgress(
  read: () => SeedProgress,
  stream: NodeJS.WriteStream = process.stderr,
): { stop: () => void } {
  const live = stream.isTTY;
  const draw = (): void => {
    const width = stream.columns ?? 120;
    if (live) stream.write(`\r\x1b[2K${formatBar(read()).slice(0, width - 1)}`);
    else stream.write(`${formatProgress(read())}\n`);
  };
  const timer = setInterval(draw, live ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      if (!live) return;
      draw();
      stream.write("\n");
    },
  };
}
