import { useEffect, useState } from "preact/hooks";
import { boxOf } from "../map/lon_lat_box.ts";
import { toLonLat } from "../map/projections.ts";
import type { TilthMap } from "../map/tilth_map.ts";
import type { App } from "../state/app.ts";
import { useSignal } from "../state/signal.ts";
import { formatBbox, parseBbox } from "../text/bbox.ts";
import { MAX_GEOJSON_BYTES, readGeoJson } from "../text/read_geojson.ts";

/** Where: a box that is drawn or typed, a polygon, the view, or a GeoJSON file. */
export function AreaField({ app, map }: { app: App; map: TilthMap | null }) {
  const { state } = app;
  const area = useSignal(state.area);
  const drawing = useSignal(state.drawing);
  const toggle = (mode: "box" | "polygon") => (): void => {
    state.drawing.value = drawing === mode ? null : mode;
  };
  return (
    <fieldset>
      <legend>Area</legend>
      <div class="row drawing">
        <button type="button" aria-pressed={drawing === "box"} onClick={toggle("box")}>
          Draw box
        </button>
        <button type="button" aria-pressed={drawing === "polygon"} onClick={toggle("polygon")}>
          Draw polygon
        </button>
        <button
          type="button"
          disabled={map === null}
          onClick={() => map !== null && (state.area.value = areaOfView(map))}
        >
          This view
        </button>
      </div>
      {drawing !== null && (
        <p class="hint" role="status">
          {drawing === "box"
            ? "Click two corners on the map."
            : "Click the corners on the map; double-click the last one."}
        </p>
      )}
      <BoxInput app={app} />
      <FileInput app={app} />
      {area?.kind === "polygon" && (
        <p class="hint">
          {`Polygon ${area.title}.`}
          <button type="button" class="quiet" onClick={() => (state.area.value = null)}>
            Remove
          </button>
        </p>
      )}
    </fieldset>
  );
}

function areaOfView(map: TilthMap): { kind: "box"; box: ReturnType<typeof boxOf> } {
  const view = map.map.getView();
  const [minX = 0, minY = 0, maxX = 0, maxY = 0] = view.calculateExtent(map.map.getSize());
  const steps = Array.from({ length: 9 }, (_, step) => step / 8);
  const places = steps.flatMap((right) =>
    steps.map((up) => toLonLat([minX + (maxX - minX) * right, minY + (maxY - minY) * up], view.getProjection())),
  );
  return { kind: "box", box: boxOf(places) };
}

/** What is typed counts as soon as it is a box. */
function BoxInput({ app }: { app: App }) {
  const area = useSignal(app.state.area);
  const box = area?.kind === "box" ? formatBbox(area.box) : "";
  const [text, setText] = useState(box);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    setText((before) => (box === "" || isSame(before, box) ? before : box));
    if (box !== "") setProblem("");
  }, [box]);
  const read = (typed: string): void => {
    setText(typed);
    try {
      app.state.area.value = typed.trim() === "" ? null : { kind: "box", box: parseBbox(typed) };
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <label>
      Box: west, south, east, north
      <input
        value={text}
        placeholder="5.9, 45.8, 10.5, 47.8"
        aria-invalid={problem !== ""}
        spellcheck={false}
        onInput={(event) => read(event.currentTarget.value)}
      />
      {problem !== "" && (
        <small class="warn" role="alert">
          {problem}
        </small>
      )}
    </label>
  );
}

function isSame(text: string, box: string): boolean {
  try {
    return formatBbox(parseBbox(text)) === box;
  } catch {
    return false;
  }
}

/** A file by choice, or dropped anywhere on the page. */
function FileInput({ app }: { app: App }) {
  const read = async (file: File): Promise<void> => {
    if (file.size > MAX_GEOJSON_BYTES)
      throw new Error(`Expected at most ${MAX_GEOJSON_BYTES / 1e6} MB of GeoJSON; simplify the area first.`);
    app.state.area.value = { kind: "polygon", geojson: readGeoJson(await file.text()), title: `from ${file.name}` };
  };
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (file !== undefined) void app.act(() => read(file));
  };
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      take(event.dataTransfer?.files);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("drop", drop);
    };
  }, [app]);
  return (
    <label>
      GeoJSON file (or drop one on the page)
      <input
        type="file"
        accept=".geojson,.json,application/geo+json,application/json"
        onChange={(event) => take(event.currentTarget.files)}
      />
    </label>
  );
}
