import { createRequire } from "node:module";
import type * as Undici from "undici";

// undici's front door also loads fetch, WebSocket, caches and mocks: 90 ms of CPU at every start, where these two need 35 and 5.
const require = createRequire(import.meta.url);

export function newAgent(settings: Undici.Agent.Options): Undici.Dispatcher {
  const Agent = require("undici/lib/dispatcher/agent.js") as typeof Undici.Agent;
  return new Agent(settings);
}

/** Asks through the proxies that the environment names. */
export function newProxyAgent(settings: Undici.EnvHttpProxyAgent.Options): Undici.Dispatcher {
  const EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent.js") as typeof Undici.EnvHttpProxyAgent;
  return new EnvHttpProxyAgent(settings);
}
