import { lookup as systemLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import type { Agent, buildConnector, Dispatcher } from "undici";
import type { AddressGuard } from "./address_guard.ts";
import { newAgent, newConnector } from "./dispatchers.ts";

/** All addresses of a name, in the order in which they are to be tried; rejects as `dns.lookup` does. */
export type ResolveHost = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

const resolveBySystem: ResolveHost = (hostname) => systemLookup(hostname, { all: true });

/**
 * An agent that connects to allowed addresses only. A name is resolved once for a connection, all its addresses are checked, and the socket
 * gets those very addresses: a name that means another machine a moment later (DNS rebinding) gains nothing.
 */
export function newGuardedAgent(
  settings: Omit<Agent.Options, "connect"> & { connect: buildConnector.BuildOptions },
  guard: AddressGuard,
  resolve: ResolveHost = resolveBySystem,
): Dispatcher {
  const options = { ...settings.connect, allowH2: false, lookup: guardedLookup(guard, resolve) };
  const connect = newConnector(options);
  const checked: buildConnector.connector = (target, callback) =>
    connect(target, (...outcome) => {
      const [error, socket] = outcome;
      if (error !== null) return callback(error, null);
      try {
        // For a host that is an address no lookup is called.
        guard.checkAddress(socket.remoteAddress ?? "", target.hostname);
      } catch (refusal) {
        socket.destroy();
        return callback(refusal as Error, null);
      }
      return callback(null, socket);
    });
  return newAgent({ ...settings, allowH2: false, connect: checked });
}

/** As `dns.lookup` with a callback; fails when any of the addresses is forbidden, for which of them is used is up to the network. */
function guardedLookup(guard: AddressGuard, resolve: ResolveHost): LookupFunction {
  const resolveChecked = async (hostname: string) => {
    const found = await resolve(hostname);
    for (const { address } of found) guard.checkAddress(address, hostname);
    return found.map(({ address, family }) => ({ address, family }));
  };
  return (hostname, { all }, callback) => {
    resolveChecked(hostname).then(
      (found) => {
        const [first] = found;
        if (first === undefined) callback(noAddress(hostname), "");
        else if (all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ""),
    );
  };
}

function noAddress(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" });
}
