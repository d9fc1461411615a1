import type { JobForm } from "../state/job_form.ts";

const OPTIONS = [
  ["layer", "Layer", "of a WMS or WMTS"],
  ["style", "Style", ""],
  ["matrixSet", "Matrix set", "of a WMTS"],
  ["format", "Format", "png, jpeg, webp"],
  ["refresh", "Refresh when older than", "30d"],
  ["retries", "Retries", ""],
] as const;

const RESAMPLINGS = ["nearest", "bilinear", "cubic", "lanczos", "average"];

/** What most jobs leave as it is. */
export function JobOptions({ form, set }: { form: JobForm; set: (part: Partial<JobForm>) => void }) {
  return (
    <details class="more">
      <summary>More</summary>
      <div class="pairs">
        {OPTIONS.map(([name, title, placeholder]) => (
          <label key={name}>
            {title}
            <input
              value={form[name]}
              placeholder={placeholder}
              spellcheck={false}
              onInput={(event) => set({ [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label>
          Resampling
          <select value={form.resampling} onChange={(event) => set({ resampling: event.currentTarget.value })}>
            <option value="">as usual</option>
            {RESAMPLINGS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
    </details>
  );
}
