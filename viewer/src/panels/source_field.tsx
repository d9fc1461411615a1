import type { Source } from "../api/types.ts";
import type { JobForm } from "../state/job_form.ts";

const BULK: Record<Source["bulk"], string> = {
  allowed: "Its terms allow fetching many tiles.",
  forbidden: "Its terms forbid fetching many tiles.",
  ownKey: "Needs a key of your own.",
  unknown: "Read its terms before fetching many tiles.",
};

interface SourceFieldProps {
  form: JobForm;
  sources: readonly Source[];
  set: (part: Partial<JobForm>) => void;
}

/** A source by name, or a URL template; what its terms say. */
export function SourceField({ form, sources, set }: SourceFieldProps) {
  const chosen = sources.find(({ name }) => name === form.source);
  const groups = [
    ["Caches of this server", sources.filter(({ kind }) => kind === "cache")],
    ["Sources of this server", sources.filter(({ kind }) => kind === "config")],
    ["Catalogue", sources.filter(({ kind }) => kind === "catalogue")],
  ] as const;
  return (
    <>
      <label>
        Source
        <select value={form.source} onChange={(event) => set({ source: event.currentTarget.value })}>
          <option value="">a URL …</option>
          {groups.map(
            ([name, members]) =>
              members.length > 0 && (
                <optgroup key={name} label={name}>
                  {members.map((source) => (
                    <option key={source.name} value={source.name}>
                      {source.title === "" ? source.name : source.title}
                    </option>
                  ))}
                </optgroup>
              ),
          )}
        </select>
      </label>
      {form.source === "" && (
        <label>
          URL template
          <input
            type="text"
            value={form.url}
            placeholder="https://tiles.example.org/{z}/{x}/{y}.png"
            spellcheck={false}
            autocapitalize="off"
            onInput={(event) => set({ url: event.currentTarget.value })}
          />
        </label>
      )}
      {chosen !== undefined && chosen.kind !== "cache" && (
        <p class={chosen.bulk === "forbidden" ? "hint warn" : "hint"}>
          {BULK[chosen.bulk]}
          {chosen.termsUrl?.startsWith("https://") === true && (
            <a href={chosen.termsUrl} target="_blank" rel="noopener noreferrer">
              Terms
            </a>
          )}
        </p>
      )}
    </>
  );
}
