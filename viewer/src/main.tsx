import { render } from "preact";
import "ol/ol.css";
import "./style/base.css";
import "./style/panels.css";
import "./style/jobs.css";
import "./style/map.css";
import { App } from "./panels/app.tsx";
import { createApp } from "./state/app.ts";
import { startWatching } from "./state/watch_server.ts";

const app = createApp();
const root = document.getElementById("app");
if (root !== null) render(<App app={app} />, root);
void app.attempt(app.load);
startWatching(app);
