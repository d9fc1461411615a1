import { useEffect, useRef } from "preact/hooks";
import type { App } from "../state/app.ts";
import { findCompared } from "../state/app_state.ts";
import { useSignal } from "../state/signal.ts";

/** A slider over the whole map: left of it one cache, right of it the other. Arrow keys move it. */
export function Swipe({ app }: { app: App }) {
  const shown = useSignal(app.state.shown);
  useSignal(app.state.compared);
  useSignal(app.state.caches);
  const compared = findCompared(app.state)?.name ?? null;
  const at = useSignal(app.state.swipe);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (line.current !== null) line.current.style.left = `${at * 100}%`;
  }, [at, compared]);
  if (compared === null) return null;
  return (
    <div class="swipe">
      <div class="divider" ref={line} aria-hidden="true">
        <span class="left">{shown}</span>
        <span class="right">{compared}</span>
      </div>
      <input
        type="range"
        min="0"
        max="100"
        step="1"
        value={Math.round(at * 100)}
        aria-label={`Swipe between ${shown} on the left and ${compared} on the right`}
        onInput={(event) => (app.state.swipe.value = Number(event.currentTarget.value) / 100)}
      />
    </div>
  );
}
