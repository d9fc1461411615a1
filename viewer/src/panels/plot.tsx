import { useEffect, useRef } from "preact/hooks";
import type { PlotData, PlotHandle } from "../plots/plot.ts";

/** Lines over time. The plotting library is loaded when the first one is drawn. */
export function Plot({ title, names, data }: { title: string; names: readonly string[]; data: PlotData }) {
  const target = useRef<HTMLDivElement>(null);
  const handle = useRef<PlotHandle | null>(null);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let gone = false;
    const start = async (): Promise<void> => {
      const { createPlot } = await import("../plots/plot.ts");
      if (!gone && target.current !== null) handle.current = createPlot(target.current, names, latest.current);
    };
    // uPlot refuses odd languages of a browser ("en-US@posix"); the numbers stand below in any case.
    start().catch(() => target.current?.append("no plot in this browser"));
    return () => {
      gone = true;
      handle.current?.close();
      handle.current = null;
    };
  }, []);
  useEffect(() => handle.current?.show(data), [data]);
  const last = data.slice(1).map((values, index) => `${names[index]} ${Math.round(values.at(-1) ?? 0)}`);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={target} role="img" aria-label={`${title}: now ${last.join(", ")}`} />
    </figure>
  );
}
