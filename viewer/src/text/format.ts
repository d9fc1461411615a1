const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** 1,234,567 -> `1,234,567`; the reader's own separators. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString();
}

/** `1 thread`, `2 threads`. */
export function formatMany(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** Decimal units: 1,500,000 -> `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** 95,000 -> `1 min 35 s`; the two largest units. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds < 1 ? Math.round(ms) / 1000 : seconds.toFixed(1)} s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** A share of a whole, 0..1: `<0.1 %`, `42 %`; 100 % only when it is whole. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return "<0.1 %";
  const percent = share < 1 ? Math.min(99.9, share * 100) : 100;
  return `${percent === 0 || percent === 100 || percent >= 10 ? Math.floor(percent) : percent.toFixed(1)} %`;
}

/** UTC, ms -> `2026-11-24 16:05:09 UTC`. */
export function formatTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A coordinate with as many digits as its unit deserves: degrees 5, metres 1. */
export function formatCoordinate([x, y]: readonly [number, number], unit: "degree" | "metre"): string {
  const digits = unit === "degree" ? 5 : 1;
  return `${x.toFixed(digits)}, ${y.toFixed(digits)}`;
}

/** `4326` out of `EPSG:4326` needs no saying twice: the name, or code and name. */
export function formatCrs({ code, name }: { code: string; name: string }): string {
  return name === "" || name === code ? code : `${code} – ${name}`;
}

/** `2 ms half, 40 ms 95 %, 55 ms 99 %`; below 10 ms with a tenth. */
export function formatPercentiles({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string {
  const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  return `${ms(p50)} half, ${ms(p95)} 95 %, ${ms(p99)} 99 %`;
}
