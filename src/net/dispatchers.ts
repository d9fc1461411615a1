import { createRequire } from "node:module";
import type * as Undici from "undici";

const require = createRequire(import.meta.url);

/** By itself: undici's front door also loads fetch, WebSocket, caches and mocks, 90 ms of CPU at every start instead of 35. */
export function newAgent(settings: Undici.Agent.Options): Undici.Dispatcher {
  const Agent = require("undici/lib/dispatcher/agent.js") as typeof Undici.Agent;
  return new Agent(settings);
}

/** Asks through the proxies that the environment names. Its tunnels need methods that only the front door puts on the dispatchers. */
export function newProxyAgent(settings: Undici.EnvHttpProxyAgent.Options): Undici.Dispatcher {
  const { EnvHttpProxyAgent } = require("undici") as typeof Undici;
  return new EnvHttpProxyAgent(settings);
}
