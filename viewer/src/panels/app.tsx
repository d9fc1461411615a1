import { useEffect, useRef, useState } from "preact/hooks";
import iconUrl from "../icon.svg";
import { createTilthMap, type TilthMap } from "../map/tilth_map.ts";
import { isOperator } from "../state/app_state.ts";
import type { App as Application } from "../state/app.ts";
import { useSignal } from "../state/signal.ts";
import { ClusterPanel } from "./cluster_panel.tsx";
import { HostsPanel } from "./hosts_panel.tsx";
import { JobsPanel } from "./jobs_panel.tsx";
import { LayersPanel } from "./layers_panel.tsx";
import { NewJobPanel } from "./new_job_panel.tsx";
import { Section } from "./section.tsx";
import { StatusBar } from "./status_bar.tsx";
import { ServedFacts } from "./served_facts.tsx";
import { ServerLine } from "./server_line.tsx";
import { Swipe } from "./swipe.tsx";
import { TilePanel } from "./tile_panel.tsx";
import { TokenForm } from "./token_form.tsx";

/** The whole page: a map, a panel beside it (below it on a phone), a bar along the bottom. */
export function App({ app }: { app: Application }) {
  const { state } = app;
  const target = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<TilthMap | null>(null);
  useEffect(() => {
    if (target.current !== null) setMap(createTilthMap(app, target.current));
  }, [app]);
  const open = useSignal(state.panelOpen);
  const status = useSignal(state.status);
  const needsToken = useSignal(state.needsToken);
  const tile = useSignal(state.tile);
  const jobs = status?.jobs === true;
  return (
    <>
      <a class="skip" href="#panel">
        To the panel
      </a>
      <main>
        <div
          ref={target}
          id="map"
          class="map"
          tabIndex={0}
          role="application"
          aria-label="Map: arrow keys move it, plus and minus zoom"
        />
        <Swipe app={app} />
      </main>
      <aside id="panel" class={open ? "panel" : "panel closed"} aria-label="Caches and jobs" tabIndex={-1}>
        <Header app={app} />
        <div class="sections" hidden={!open}>
          <Fault app={app} />
          <Section title="Layers" open>
            <LayersPanel app={app} map={map} />
          </Section>
          {jobs && isOperator(status) && (
            <Section title="New job">
              <NewJobPanel app={app} map={map} />
            </Section>
          )}
          {jobs && (
            <Section title="Jobs" open>
              <JobsPanel app={app} />
            </Section>
          )}
          {status?.cluster === true && (
            <Section title="Cluster" open={!jobs} lazy>
              <ClusterPanel app={app} />
            </Section>
          )}
          {status !== null && !jobs && (
            <p class="note hint">To fetch areas from here, start the server with a data folder: --data FOLDER.</p>
          )}
          <Section title="Tile" summoned={tile !== null}>
            <TilePanel app={app} map={map} />
          </Section>
          <Section title="Why is it slow?" lazy>
            <ServedFacts app={app} />
            <HostsPanel app={app} />
          </Section>
          <ServerLine app={app} />
        </div>
      </aside>
      <StatusBar app={app} />
      {needsToken && <TokenForm app={app} />}
    </>
  );
}

function Header({ app }: { app: Application }) {
  const open = useSignal(app.state.panelOpen);
  const live = useSignal(app.state.live);
  const jobs = useSignal(app.state.status)?.jobs === true;
  return (
    <header>
      <img src={iconUrl} alt="" width="24" height="24" />
      <h1>Tilth</h1>
      <span class={live ? "line up" : "line"} role="status">
        {jobs && (live ? "live" : "reconnecting …")}
      </span>
      <button
        type="button"
        class="quiet"
        aria-expanded={open}
        aria-controls="panel"
        onClick={() => (app.state.panelOpen.value = !open)}
      >
        {open ? "Hide panel" : "Show panel"}
      </button>
    </header>
  );
}

/** The last thing that went wrong. */
function Fault({ app }: { app: Application }) {
  const fault = useSignal(app.state.fault);
  if (fault === "") return null;
  return (
    <p class="fault" role="alert">
      <span>{fault}</span>
      <button
        type="button"
        class="quiet"
        aria-label="Dismiss this message"
        onClick={() => (app.state.fault.value = "")}
      >
        ×
      </button>
    </p>
  );
}
