import type { JobForm } from "../state/job_form.ts";

const OPTIONS = [
  ["layer", "Layer", "of a WMS or WMTS"],
  ["style", "Style", ""],
  ["matrixSet", "Matrix set", "of a WMTS"],
  ["refresh", "Refresh when older than", "30d"],
  ["retries", "Retries", ""],
] as const;

const CHOICES = [
  ["format", "Format", ["png", "jpeg", "webp", "mixed"]],
  ["resampling", "Resampling", ["nearest", "bilinear", "cubic", "lanczos", "average"]],
] as const;

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
        {CHOICES.map(([name, title, values]) => (
          <label key={name}>
            {title}
            <select value={form[name]} onChange={(event) => set({ [name]: event.currentTarget.value })}>
              <option value="">as usual</option>
              {values.map((value) => (
                <option key={value}>{value}</option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </details>
  );
}
