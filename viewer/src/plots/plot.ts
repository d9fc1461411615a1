// Loaded when somebody asks why it is slow.
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** Seconds since 1970 first, then a row of values for each line; null = unknown. */
export type PlotData = [number[], ...(number | null)[][]];

export interface PlotHandle {
  show: (data: PlotData) => void;
  close: () => void;
}

/** Told apart without colour by their dashes. */
const LINES = [
  { stroke: "#0072b2", dash: [] },
  { stroke: "#d55e00", dash: [6, 3] },
  { stroke: "#009e73", dash: [2, 2] },
];
const HEIGHT_PX = 120;
/** Time that a plot shows at the least, seconds. */
const LEAST_SPAN_S = 30;

/** Seconds since 1970 as the time of day. */
function clock(atS: number): string {
  return new Date(atS * 1000).toTimeString().slice(0, 8);
}

export function createPlot(target: HTMLElement, names: readonly string[], data: PlotData): PlotHandle {
  const ink = getComputedStyle(target).color;
  const axis = {
    stroke: ink,
    grid: { stroke: "rgba(128,128,128,0.25)", width: 1 },
    ticks: { show: false },
    font: "11px system-ui",
  };
  const plot = new UPlot(
    {
      width: target.clientWidth,
      height: HEIGHT_PX,
      cursor: { show: false },
      legend: { show: true, live: false },
      scales: {
        // Of the first reading alone uPlot makes a day in 1970.
        x: { range: (_plot, min, max) => [Math.min(min, max - LEAST_SPAN_S), max] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
      },
      axes: [
        { ...axis, size: 24, space: 80, values: (_plot, times) => times.map(clock) },
        { ...axis, size: 38 },
      ],
      series: [
        {},
        ...names.map((label, index) => ({
          label,
          width: 1.5,
          points: { show: false },
          ...LINES[index % LINES.length],
        })),
      ],
    },
    data,
    target,
  );
  const observer = new ResizeObserver(() => {
    if (plot.width !== target.clientWidth) plot.setSize({ width: target.clientWidth, height: HEIGHT_PX });
  });
  observer.observe(target);
  return {
    show: (next) => plot.setData(next),
    close: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}
