import type { Outcomes } from "../api/job_types.ts";
import { formatShare } from "../text/format.ts";

const PARTS = ["present", "stored", "empty", "failed"] as const;

/** Outcomes side by side, as shares of what is planned. */
export function ProgressBar({ outcomes, share }: { outcomes: Outcomes; share: number | null }) {
  const whole = Math.max(1, outcomes.planned);
  return (
    <div
      class={share === null ? "progress unknown" : "progress"}
      role="progressbar"
      aria-label="Tiles settled"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.floor(share * 100)}
      aria-valuetext={share === null ? "counting" : formatShare(share)}
    >
      {PARTS.map((part) => (
        <i key={part} data-outcome={part} style={{ width: `${(outcomes[part] / whole) * 100}%` }} />
      ))}
    </div>
  );
}
