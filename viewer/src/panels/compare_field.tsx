import type { App } from "../state/app.ts";
import { findCache, isOperator, ITS_SOURCE } from "../state/app_state.ts";
import { useSignal } from "../state/signal.ts";

/** What lies on the right of the swipe: another cache, or what the source of the shown one has now. */
export function CompareField({ app }: { app: App }) {
  const { state } = app;
  const caches = useSignal(state.caches);
  const shown = useSignal(state.shown);
  const compared = useSignal(state.compared);
  const operator = isOperator(useSignal(state.status));
  const source = findCache(state, shown)?.source ?? null;
  return (
    <>
      <label>
        Compare with
        <select value={compared ?? ""} onChange={(event) => (state.compared.value = event.currentTarget.value || null)}>
          <option value="">nothing</option>
          {operator && source !== null && <option value={ITS_SOURCE}>its source, as it is now</option>}
          {caches
            .filter(({ name }) => name !== shown)
            .map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      {compared === ITS_SOURCE && (
        <p class="hint">Each tile on the right is asked of the source and not kept; the cache stays as it is.</p>
      )}
    </>
  );
}
