import { useEffect, useState } from "preact/hooks";
import type { CrsName } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { useSignal } from "../state/signal.ts";
import { formatCrs } from "../text/format.ts";

/** A word is looked for when no key was pressed for this long, ms. */
const REST_MS = 250;

/** Shows the map in any CRS of the server's registry. */
export function CrsSwitch({ app }: { app: App }) {
  const crs = useSignal(app.state.crs);
  const follows = useSignal(app.state.followsCache);
  const [query, setQuery] = useState("");
  const found = useCrsSearch(app, query);
  const choose = (code: string): void => {
    setQuery("");
    void app.act(async () => app.showCrs(await app.api.crs(code)));
  };
  return (
    <div class="crs">
      <label>
        Map CRS
        <input
          type="search"
          placeholder={crs === null ? "" : formatCrs(crs)}
          value={query}
          aria-describedby="crs-now"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      <p class="hint" id="crs-now">
        {crs === null ? "" : `Now ${formatCrs(crs)}${follows ? ", the cache’s own" : ""}. Type a name or a code.`}
        {!follows && (
          <button type="button" class="quiet" onClick={() => app.showCrs(null)}>
            Back to the cache’s own
          </button>
        )}
      </p>
      {found?.length === 0 && (
        <p class="hint" role="status">
          No system has this in its name or code; names are those of the EPSG registry, such as LV95.
        </p>
      )}
      {found !== null && found.length > 0 && (
        <ul class="found" aria-label="Coordinate reference systems found">
          {found.map((system) => (
            <li key={system.code}>
              <button type="button" class="quiet" onClick={() => choose(system.code)}>
                {formatCrs(system)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Null while nothing is looked for. */
function useCrsSearch(app: App, query: string): readonly CrsName[] | null {
  const [found, setFound] = useState<readonly CrsName[] | null>(null);
  useEffect(() => {
    if (query.trim().length < 2) return setFound(null);
    const controller = new AbortController();
    const timer = setTimeout(() => {
      void app.attempt(async () => {
        const systems = await app.api.findCrs(query.trim(), controller.signal);
        if (!controller.signal.aborted) setFound(systems);
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [app, query]);
  return found;
}
