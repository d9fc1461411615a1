import { createRequire } from "node:module";
import type * as Undici from "undici";

const require = createRequire(import.meta.url);

/** By itself: undici's front door also loads fetch, WebSocket, caches and mocks, 90 ms of CPU at every start instead of 35. */
export function newAgent(settings: Undici.Agent.Options): Undici.Dispatcher {
  const Agent = require("undici/lib/dispatcher/agent.js") as typeof Undici.Agent;
  return new Agent(settings);
}

/** How undici connects, for those who look at the connection before it is used. */
export function newConnector(options: Undici.buildConnector.BuildOptions): Undici.buildConnector.connector {
  const buildConnector = require("undici/lib/core/connect.js") as typeof Undici.buildConnector;
  return buildConnector(options);
}

/** Asks through the proxies that the environment names. Its tunnels need methods that only the front door puts on the dispatchers. */
export function newProxyAgent(settings: Undici.EnvHttpProxyAgent.Options): Undici.Dispatcher {
  const { EnvHttpProxyAgent } = require("undici") as typeof Undici;
  return new EnvHttpProxyAgent(settings);
}
