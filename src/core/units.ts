import { TilthError } from "./errors.ts";

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
};

/** `30s`, `500ms`, `12h`, `90d`, `2w` to milliseconds. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)$/.exec(text.trim());
  const unit = match?.[2];
  const durationMs = Number(match?.[1]) * (DURATION_MS[unit ?? ""] ?? 1);
  if (!Number.isFinite(durationMs)) {
    throw new TilthError("argument.invalid", `expected a duration such as 30s, 12h or 90d, got '${text}'`, {
      fields: { value: text },
    });
  }
  return durationMs;
}

/** `500MB`, `2GiB`, `1000` to bytes (decimal units unless written KiB, MiB, GiB). */
export function parseSizeBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const sizeBytes = Number(match?.[1]) * (SIZE_BYTES[(match?.[2] ?? "").toUpperCase() || "B"] ?? Number.NaN);
  if (!Number.isFinite(sizeBytes)) {
    throw new TilthError("argument.invalid", `expected a size such as 500MB or 2GiB, got '${text}'`, {
      fields: { value: text },
    });
  }
  return Math.floor(sizeBytes);
}

/** `20/s`, `600/min`, `20` to events per second. */
export function parseRatePerSecond(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:\/\s*(s|m|min|h))?$/.exec(text.trim());
  const rate = match === null ? Number.NaN : Number(match[1]) / ((DURATION_MS[match[2] ?? "s"] ?? 1_000) / 1_000);
  if (!(rate > 0 && Number.isFinite(rate))) {
    throw new TilthError("argument.invalid", `expected a rate such as 20/s or 600/min, got '${text}'`, {
      fields: { value: text },
    });
  }
  return rate;
}

/** `1234567` to `1.2 MB` (decimal). */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  // What would be rounded up to 1000.0 takes the next unit.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds to `4 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const s = Math.round(ms / 1000);
  if (s < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}
